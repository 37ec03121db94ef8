//! Heads of letters in six languages as offices lay them out: reference, date, place and subject of each.

use super::*;

mod more;
mod offices;
mod supplements;
mod table;

pub(super) const BODY: &str = "
The Director informs all those concerned that the survey of the numbering plans of this year has begun and asks for their
answers before the end of the month that follows.

Yours faithfully,

Ana Example
Director
";

/// Reference, date, place and subject as one text; `-` for what is not found.
fn head_of(text: &str) -> String {
    let letter = read("letter.txt", text.as_bytes(), day(2026, 1, 1));
    let date = letter.date.map(|found| match found.value {
        PrintedDate::Day(day) => day.to_string(),
        PrintedDate::Month(year, month) => format!("{year}-{month:02}"),
    });
    let reference = letter.reference.map(|found| found.value.to_string());
    let text = |found: Option<Found<String>>| found.map(|found| found.value);
    let fields = [reference, date, text(letter.place), text(letter.subject)];
    fields.map(|field| field.unwrap_or_else(|| "-".to_owned())).join(" | ")
}

/// The letter as other hands lay it out: what its head says stays the same.
fn layouts(text: &str) -> Vec<(&'static str, String)> {
    let each = |change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    let indented = |line: &str| if line.is_empty() { String::new() } else { format!("  {line}") };
    vec![
        ("as it stands", text.to_owned()),
        ("twice the blank lines", text.replace("\n\n", "\n\n\n")),
        ("indented", each(&indented)),
        ("blanks at the ends of lines", each(&|line| format!("{line}  "))),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("no-break blank before colons", text.replace(": ", "\u{a0}: ")),
    ]
}

fn check(heads: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (head, expected) in heads {
        let text = if head.contains("@@") { head.replace("@@", "") } else { format!("{head}\n{BODY}") };
        for (layout, text) in layouts(&text) {
            let found = head_of(&text).replace('\u{a0}', "");
            if found != *expected {
                wrong.push(format!("{layout}: {head}\n   found: {found}\nexpected: {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn english_heads() {
    check(&[
        (
            "MINISTRY OF HEALTH                                  P.O. Box 30016\nTelegrams: \"MINHEALTH\"                               NAIROBI\n\nOur Ref: MOH/ADM/1/12 VOL. II                       14th August, 2026\nYour Ref: ...........\n\nTo: All County Directors of Health\n\nRE: SUBMISSION OF QUARTERLY RETURNS FOR THE\n    FINANCIAL YEAR 2026/2027\n\nDear Sir/Madam,",
            "MOH/ADM/1/12 VOL. II | 2026-08-14 | - | SUBMISSION OF QUARTERLY RETURNS FOR THE FINANCIAL YEAR 2026/2027",
        ),
        (
            "CENTRAL BANK OF EXEMPLIA\n\nBPD/CIR/26/014\n\n12 May 2026\n\nTo: All Commercial Banks\n\nDear Sirs,\n\nREVISED CASH RESERVE REQUIREMENTS FOR BANKS\n",
            "BPD/CIR/26/014 | 2026-05-12 | - | REVISED CASH RESERVE REQUIREMENTS FOR BANKS",
        ),
        (
            "The Registrar\nUniversity of Sample\n\nNotice No. 14 of 2026                               Sampleton, 3 March 2026\n\nTo:  Deans of Faculties\n     Heads of Departments\n\n\n          Revised procedure for the approval of new courses\n\n\nDear Colleagues,",
            "Notice No. 14 of 2026 | 2026-03-03 | Sampleton | Revised procedure for the approval of new courses",
        ),
        (
            "File No. 12/4/2026-IC\nGovernment of Exemplia\nDepartment of Posts\n\nDated: 6th April, 2026\n\nTo\n- All Heads of Circles\n\nSub: Introduction of the new tariff - regarding.\n\nSir/Madam,",
            "12/4/2026-IC | 2026-04-06 | - | Introduction of the new tariff - regarding.",
        ),
        (
            "Subject / Objet: Survey on numbering\nRef./Réf.: CL 12/2026\nDate: 3 March 2026, Geneva\nTo / À: Regulators\n\nDear Sir/Madam,",
            "CL 12/2026 | 2026-03-03 | Geneva | Survey on numbering",
        ),
        (
            "CIRCULAR LETTER No. 7\n\nTo: Member Societies\n\nDear Presidents,\n\nElections to the Governing Board\n",
            "CIRCULAR LETTER No. 7 | - | - | Elections to the Governing Board",
        ),
        (
            "The Permanent Secretariat\n\nNote No. PS/NV/26/31\n\nThe Permanent Secretariat presents its compliments to the Permanent Missions in Geneva and has the honour to inform them of the new opening hours.\n\nThe Permanent Secretariat avails itself of this opportunity to renew to the Permanent Missions the assurances of its highest consideration.\n\nDone at Geneva, this sixth day of October, two thousand and twenty-six\n@@",
            "Note No. PS/NV/26/31 | 2026-10-06 | Geneva | -",
        ),
        (
            "From: Secretary General\nSent: Tuesday, March 3, 2026 10:12 AM\nTo: All National Committees\nSubject: Call for experts\nCircular No.: AC/12/2026\n\nDear Members,",
            "AC/12/2026 | 2026-03-03 | - | Call for experts",
        ),
        (
            "SAMPLE LABOUR OFFICE\n\nRef. TR 35-2-1                                     Geneva, 3 March 2026\n\nTo: Governments of member States\n\n**Tripartite meeting on the future of ports**\n\nDear Sir or Madam,",
            "TR 35-2-1 | 2026-03-03 | Geneva | Tripartite meeting on the future of ports",
        ),
        (
            "CHANCERY\nProt. N. 88/26\nMay 4, 2026\n\nTO: All Priests\nFROM: The Chancellor\nRE: Faculties of visiting priests\n\nDear Fathers,",
            "88/26 | 2026-05-04 | - | Faculties of visiting priests",
        ),
    ]);
}

#[test]
fn french_heads() {
    check(&[
        (
            "REPUBLIQUE EXEMPLE                                   Yaoundé, le 12 mai 2026\nMINISTERE DES POSTES\n-------\nN° 0123/MINPOSTEL/SG/DAJ\n\nLe Ministre\n\nÀ\nMesdames et Messieurs les Directeurs régionaux\n\nObjet : Campagne de recensement des\n        opérateurs privés\n\nMadame, Monsieur,",
            "N° 0123/MINPOSTEL/SG/DAJ | 2026-05-12 | Yaoundé | Campagne de recensement des opérateurs privés",
        ),
        (
            "Circulaire ministérielle n° 2026-014 du 3 mars 2026\n\nAux Préfets\nAux Directeurs départementaux\n\nOBJET – Mise en œuvre du plan national\n\nMesdames, Messieurs,",
            "Circulaire ministérielle n° 2026-014 | 2026-03-03 | - | Mise en œuvre du plan national",
        ),
        (
            "Affaire suivie par : Mme Exemple\nTél. : 01 00 00 00 00\nRéf. : DGESCO/A1-3/2026-118\n\nParis, le 3 mars 2026\n\nDestinataires :\n- Rectrices et recteurs\n\nAppel à projets : mobilité des élèves de la voie professionnelle\n\nMesdames et Messieurs,",
            "DGESCO/A1-3/2026-118 | 2026-03-03 | Paris | Appel à projets : mobilité des élèves de la voie professionnelle",
        ),
        (
            "Secrétariat général\nLettre circulaire n° 26/07\nFait à Bruxelles le 1er juin 2026\n\nAux Membres de l'Association\n\nMadame, Monsieur,\n\nRenouvellement des mandats du Conseil\n",
            "Lettre circulaire n° 26/07 | 2026-06-01 | Bruxelles | Renouvellement des mandats du Conseil",
        ),
        (
            "V/Réf. : 44\nN/Réf. : DIR/26/118\nBerne, le six octobre deux mille vingt-six\n\nConcerne : Franchise postale\n\nAux Administrations postales\n\nMadame, Monsieur,",
            "DIR/26/118 | 2026-10-06 | Berne | Franchise postale",
        ),
    ]);
}

#[test]
fn spanish_heads() {
    check(&[
        (
            "SUPERINTENDENCIA DE EJEMPLO\n\nCIRCULAR EXTERNA No. 012 DE 2026\n(marzo 3)\n\nBogotá D.C., 3 de marzo de 2026\n\nPARA: Representantes legales de las entidades vigiladas\n\nASUNTO: Instrucciones sobre el reporte\n        de incidentes\n\nRespetados señores:",
            "CIRCULAR EXTERNA No. 012 DE 2026 | 2026-03-03 | Bogotá D.C. | Instrucciones sobre el reporte de incidentes",
        ),
        (
            "COMUNICACIÓN \"A\" 8.290                                    03/15/2026\n\nA LAS ENTIDADES FINANCIERAS:\n\nRef.: Circular\nLISOL 1-1100\n\nNos dirigimos a Uds. para comunicarles que esta Institución adoptó la resolución que establece lo que sigue.\n@@",
            "COMUNICACIÓN \"A\" 8.290 | 2026-03-15 | - | -",
        ),
        (
            "BANCO CENTRAL DE EJEMPLIA\n\nCOMUNICACIÓN \"C\" 99.120                                    14/08/2026\n\nA LAS ENTIDADES FINANCIERAS:\n\nRef.: Llamado a licitación 2027 para la impresión\nde formularios.\n_____________\n\nNos dirigimos a Uds. para comunicarles que esta Institución adoptó la resolución que establece lo que sigue.\n@@",
            "COMUNICACIÓN \"C\" 99.120 | 2026-08-14 | - | Llamado a licitación 2027 para la impresión de formularios.",
        ),
        (
            "OFICIO CIRCULAR N.º 00014-2026-EJ/DM\n\nLima, 3 de marzo de 2026\n\nSeñores:\nDirectores Regionales de Educación\nPresente.-\n\nAsunto      : Matrícula escolar\nReferencia  : Oficio N.º 12-2026\n\nDe mi consideración:",
            "OFICIO CIRCULAR N.º 00014-2026-EJ/DM | 2026-03-03 | Lima | Matrícula escolar",
        ),
        (
            "NV No. MRE-DGPC-2026-0873\n\nAsunto: Renovación de carnés\n\nEl Ministerio de Relaciones Exteriores saluda muy atentamente a las Misiones Diplomáticas y tiene el honor de referirse a la renovación.\n\nEl Ministerio hace propicia la ocasión para reiterar a las Misiones Diplomáticas las seguridades de su consideración.\n\nSan Ejemplo, a los veinticuatro días del mes de septiembre de dos mil veintiséis\n@@",
            "MRE-DGPC-2026-0873 | 2026-09-24 | San Ejemplo | Renovación de carnés",
        ),
        (
            "Asociación de Universidades\n\nSan Ejemplo, a 8 de enero de 2026\nAUE/P/0012/26\n\nA las Rectorías\nA las Secretarías\n\nMOVILIDAD ESTUDIANTIL 2026-2027\n\nEstimadas rectoras, estimados rectores:",
            "AUE/P/0012/26 | 2026-01-08 | San Ejemplo | MOVILIDAD ESTUDIANTIL 2026-2027",
        ),
        (
            "SECRETARÍA DE COMUNICACIONES\nOficio No.: SC.100/0044/2026\nTema: Licencias de radioaficionados\nCiudad de México, a 3 de marzo de 2026\n\nPara: Delegados estatales\n\nEstimados señores:",
            "SC.100/0044/2026 | 2026-03-03 | Ciudad de México | Licencias de radioaficionados",
        ),
    ]);
}

#[test]
fn russian_heads() {
    check(&[
        (
            "МИНИСТЕРСТВО ПРИМЕРА\n\n«24» сентября 2026 г. № 12-34/567\n\nРуководителям территориальных органов\n\nО представлении годовых\nотчётов\n\nУважаемые коллеги!",
            "12-34/567 | 2026-09-24 | - | О представлении годовых отчётов",
        ),
        (
            "Исх. № 118/26\nот «3» марта 2026 г.\nг. Москва\n\nКому: Членам Ассоциации\n\nОтносительно: сроки уплаты взносов\n\nУважаемые коллеги!",
            "118/26 | 2026-03-03 | Москва | сроки уплаты взносов",
        ),
        (
            "Циркуляр № 14/2026                                     Минск, 3 марта 2026 года\n\nКому:\n- Операторам связи\n- Регуляторам\n\nВведение новых префиксов нумерации\n\nУважаемые господа!",
            "Циркуляр № 14/2026 | 2026-03-03 | Минск | Введение новых префиксов нумерации",
        ),
        (
            "Добавление № 2 к Циркуляру 709 БСЭ\nЖенева, 3 марта 2026 года\n\nКому: Администрациям Государств-Членов\n\nТема: Новые сроки\n\nУважаемая госпожа, уважаемый господин,",
            "Добавление № 2 к Циркуляру 709 БСЭ | 2026-03-03 | Женева | Новые сроки",
        ),
    ]);
}

#[test]
fn arabic_heads() {
    check(&[
        (
            "وزارة التعليم\n\nالعدد: ب ع 7/ 3391\nالتاريخ: 2026/10/11\n\nالى/ رئاسات الجامعات الحكومية كافة\n     رئاسات الجامعات الأهلية كافة\n\nم/ منح دراسية\n\nالسلام عليكم ورحمة الله وبركاته",
            "ب ع 7/ 3391 | 2026-10-11 | - | منح دراسية",
        ),
        (
            "دورية عدد 12/2026\n\nالرباط في 3 مارس 2026\n\nإلى السادة رؤساء الجامعات\n\nالموضوع / تنظيم الامتحانات\n\nتحية طيبة وبعد،",
            "دورية عدد 12/2026 | 2026-03-03 | الرباط | تنظيم الامتحانات",
        ),
        (
            "الرقم: 41/26\nالتاريخ: 14/9/1447 هـ\nالموافق: 3/3/2026 م\n\nإلى: البنوك العاملة في المملكة\n\nبخصوص: الحسابات الراكدة\n\nالسلام عليكم ورحمة الله وبركاته",
            "41/26 | 2026-03-03 | - | الحسابات الراكدة",
        ),
    ]);
}

#[test]
fn chinese_heads() {
    check(&[
        (
            "示例金融管理局\n\n本局檔號：    B1/15C\n\n致：          所有認可機構行政總裁\n\n尊敬的先生/女士：\n\n                    關於惡劣天氣下銀行服務安排的更新指引\n\n本局於2024年9月16日發出通告，列明認可機構在惡劣天氣下的服務安排。\n\n助理總裁\n區示例\n\n2026年8月21日\n@@",
            "B1/15C | 2026-08-21 | - | 關於惡劣天氣下銀行服務安排的更新指引",
        ),
        (
            "示例部 函\n發文日期：中華民國115年8月21日\n發文字號：示金字第11500012345號\n受文者：各銀行\n主旨：修正作業要點，自即日生效。\n\n說明：\n一、依據本部前函辦理，請各單位配合辦理相關事宜，並轉知所屬機關。\n@@",
            "示金字第11500012345號 | 2026-08-21 | - | 修正作業要點，自即日生效。",
        ),
        (
            "示例省教育厅\n示教〔2026〕15号\n\n关于举办2026年职业教育\n活动周的通知\n\n各市教育局：\n\n为加强职业教育宣传，现将有关事项通知如下，请遵照执行。\n\n示例省教育厅\n2026年5月6日\n@@",
            "示教〔2026〕15号 | 2026-05-06 | - | 关于举办2026年职业教育活动周的通知",
        ),
        (
            "国际海事示例组织\n\n第5031号通函之补遗1\n2026年11月5日\n\n致：  国际海事示例组织成员\n      政府间组织\n\n事  由：  第113届海上安全委员会\n          – 与会安排的更新\n\n1    续2026年8月12日第5031号通函，秘书长谨此通知，会议将以混合形式举行。\n@@",
            "第5031号通函之补遗1 | 2026-11-05 | - | 第113届海上安全委员会 – 与会安排的更新",
        ),
    ]);
}

#[test]
fn heads_with_several_fields_on_a_line() {
    check(&[
        (
            "Ref: AC/12/2026 Date: 3 March 2026\nTo: Regulators\nSubject: Survey of fees\n\nDear Colleagues,",
            "AC/12/2026 | 2026-03-03 | - | Survey of fees",
        ),
        (
            "CIRCULAR No. 12/2026: Registration of delegates\n3 March 2026\n\nTo: Members\n\nDear Members,",
            "CIRCULAR No. 12/2026 | 2026-03-03 | - | Registration of delegates",
        ),
        (
            "Circular letter 12 of 3 March 2026 – Fees for the year 2027\n\nTo: Members\n\nDear Members,",
            "Circular letter 12 | 2026-03-03 | - | Fees for the year 2027",
        ),
        (
            "Ref. CL 12/2026 (please quote in your reply)            Vienna, 3 March 2026\n\nTo: Members\n\nSubject: Fees\n\nDear Members,",
            "CL 12/2026 | 2026-03-03 | Vienna | Fees",
        ),
        (
            "Nos réf. : DG/12/26 – Vos réf. : B/13\nParis, le 3 mars 2026\nAux régulateurs\nObjet : Frais\n\nMadame, Monsieur,",
            "DG/12/26 | 2026-03-03 | Paris | Frais",
        ),
        (
            "Дата: 03.03.2026   № 12/34\n\nКому: Операторам связи\n\nТема: Сборы\n\nУважаемые коллеги!",
            "12/34 | 2026-03-03 | - | Сборы",
        ),
        (
            "编号：示办函〔2026〕12号    日期：2026年3月3日\n主送：各会员单位\n标题：会费标准\n\n尊敬的会员：",
            "示办函〔2026〕12号 | 2026-03-03 | - | 会费标准",
        ),
        (
            "التاريخ: 3 مارس 2026        الرقم: 12/34\n\nإلى: الأعضاء\n\nالموضوع: الرسوم السنوية\n\nتحية طيبة وبعد،",
            "12/34 | 2026-03-03 | - | الرسوم السنوية",
        ),
    ]);
}

#[test]
fn titles_above_the_addressees_or_the_text() {
    check(&[
        (
            "MINISTRY OF LABOUR\n\nCIRCULAR No. 4 OF 2026\n\nIMPLEMENTATION OF THE MINIMUM WAGE ORDER\n\n3 March 2026\n\nTo: All Labour Officers\n\nDear Officers,",
            "CIRCULAR No. 4 OF 2026 | 2026-03-03 | - | IMPLEMENTATION OF THE MINIMUM WAGE ORDER",
        ),
        (
            "# Circular 14/2026\n\n**Opening of the new data platform**\n\nBern, 3 March 2026\n\nTo:\n\n- Member associations\n\nDear Members,",
            "Circular 14/2026 | 2026-03-03 | Bern | Opening of the new data platform",
        ),
        (
            "Circular 14/2026\n\nBern, 3 March 2026\n\nTo:\n- Member associations\n- Partners\n\nOpening of the new data platform\n\nThe Secretariat opens a new platform on 1 June 2026, on which all data of the members will be published from then on.\n@@",
            "Circular 14/2026 | 2026-03-03 | Bern | Opening of the new data platform",
        ),
        (
            "CIRCULAR 14/2026\n\nMadrid, 3 de marzo de 2026\n\nA las federaciones autonómicas\nA los clubes\n\n\nCalendario de pruebas de la temporada\n\n\nEstimados señores:",
            "CIRCULAR 14/2026 | 2026-03-03 | Madrid | Calendario de pruebas de la temporada",
        ),
        (
            "Circular 14/2026\n\nBern, 3 March 2026\n\nTo: Member associations\n    Partner associations\n\n            Opening of the new\n            data platform\n\nDear Members,",
            "Circular 14/2026 | 2026-03-03 | Bern | Opening of the new data platform",
        ),
    ]);
}

/// Where only its place says so, the title is taken and the letter is parked: it may be one more addressee.
#[test]
fn a_title_that_may_be_an_addressee_parks() {
    let text = format!(
        "Circular 14/2026\n\nBern, 3 March 2026\n\nTo: Member associations\n\nPartner associations of the region\n\nDear Members,\n{BODY}"
    );
    let letter = read("letter.txt", text.as_bytes(), day(2026, 1, 1));
    assert!(errors(&letter).iter().any(|error| error.contains("may be the subject")), "{:?}", errors(&letter));
}
