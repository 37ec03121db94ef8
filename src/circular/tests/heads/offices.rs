//! Heads as banks, schools, ministries, unions and chambers lay them out.

use super::check;

#[test]
fn heads_of_banks_schools_and_unions() {
    check(&[
        (
            "                                                                             E\n4 SAMPLE EMBANKMENT\nLONDON SE1 7SR\nTelephone: +44 (0)20 0000 7611        Fax: +44 (0)20 0000 3210\n\n                                                        Circular Letter No.4999/Add.2\n                                                        3 March 2026\n\nTo:      All Members\n         Intergovernmental organizations\n\nSubject: Invitation to the Assembly\n\n1    The Secretary-General has the honour to invite Member Governments to attend the Assembly, which will meet in London.\n@@",
            "Circular Letter No.4999/Add.2 | 2026-03-03 | - | Invitation to the Assembly",
        ),
        (
            "SR 26-3\nMarch 3, 2026\n\nTO THE OFFICERS IN CHARGE OF SUPERVISION\n\nSUBJECT: Guidance on Model Risk\n\nThe Board is issuing this guidance so that the examiners and institutions apply the same principles to the models in use.\n@@",
            "SR 26-3 | 2026-03-03 | - | Guidance on Model Risk",
        ),
        (
            "International Bureau circular 45\nBerne, 3 March 2026\n\nTo: Designated operators\n\nSubject: Air conveyance rates\n\nDear Sir/Madam,",
            "International Bureau circular 45 | 2026-03-03 | Berne | Air conveyance rates",
        ),
        (
            "Our ref.\nDG/12/26\n\nYour ref.\n-\n\nDate\n3 March 2026\n\nTo\nAll members\n\nSubject\nFees for 2027\n\nDear Members,",
            "DG/12/26 | 2026-03-03 | - | Fees for 2027",
        ),
        (
            "MEMORANDUM NO. 26-04\n\nDATE: March 3, 2026\nTO: School Principals\nFROM: Superintendent\nSUBJECT: Fire drills\n\nDear Principals,",
            "MEMORANDUM NO. 26-04 | 2026-03-03 | - | Fire drills",
        ),
        (
            "Circulaire n° 2026-118 du 3-4-2026\nNOR : MENE2600118C\n\nTexte adressé aux rectrices et recteurs d'académie\n\nObjet : Carte des formations\n\nMesdames, Messieurs,\n\nLa carte des formations est arrêtée par les recteurs dans le cadre des orientations qui suivent et que vous voudrez bien appliquer.\n@@",
            "Circulaire n° 2026-118 | 2026-04-03 | - | Carte des formations",
        ),
        (
            "Office fédéral exemple\nCH-3003 Berne, OFX\n\nRéférence : OFX-D-1234/56\nBerne, le 12 mai 2026\n\nAux cantons\n\nConsultation sur la révision de l'ordonnance\n\nMesdames, Messieurs,",
            "OFX-D-1234/56 | 2026-05-12 | Berne | Consultation sur la révision de l'ordonnance",
        ),
        (
            "Письмо Банка Примера от 3 марта 2026 г. № ИН-06-59/12 «О порядке представления отчётности»\n\nКредитным организациям\n\nБанк Примера обращает внимание кредитных организаций на необходимость соблюдать сроки, которые установлены порядком.\n@@",
            "ИН-06-59/12 | 2026-03-03 | - | О порядке представления отчётности",
        ),
        (
            "示例大学\n校办〔2026〕3号\n\n示例大学2026年寒假放假工作安排\n\n各学院、各部门：\n\n根据学校校历，现将2026年寒假放假有关工作安排通知如下，请认真做好各项工作。\n\n示例大学\n2026年1月5日\n@@",
            "校办〔2026〕3号 | 2026-01-05 | - | 示例大学2026年寒假放假工作安排",
        ),
        (
            "تعميم رقم (١٢) لسنة ٢٠٢٦\n\nالتاريخ: ١٤٤٧/٩/١٤هـ الموافق ٢٠٢٦/٣/٣م\n\nإلى: البنوك\n\nالموضوع // تحديث البيانات\n\nتحية طيبة وبعد،",
            "تعميم رقم (١٢) لسنة ٢٠٢٦ | 2026-03-03 | - | تحديث البيانات",
        ),
    ]);
}

#[test]
fn numbers_with_their_titles_and_files() {
    check(&[
        (
            "INSTRUCTION N° DGOS/R2/2026/118 du 3 mars 2026 relative à la campagne\nde vaccination\n\nLe ministre de la santé\n\nà\n\nMesdames et Messieurs les directeurs généraux\n\nMesdames, Messieurs,",
            "INSTRUCTION N° DGOS/R2/2026/118 | 2026-03-03 | - | relative à la campagne de vaccination",
        ),
        (
            "教育局通函第118/2026號\n\n檔號：EDB/12/3\n\n致：各中小學校長\n\n日期：2026年3月3日\n\n主旨：校園安全指引\n\n各位校長：",
            "教育局通函第118/2026號 | 2026-03-03 | - | 校園安全指引",
        ),
        (
            "示例部办公厅关于做好2026年\n普通高校招生有关工作的通知\n\n示教办〔2026〕3号\n\n各省、自治区教育厅：\n\n现将有关工作安排通知如下，请各地认真贯彻执行，并将落实情况及时报送我部。\n\n示例部办公厅\n2026年3月3日\n@@",
            "示教办〔2026〕3号 | 2026-03-03 | - | 示例部办公厅关于做好2026年普通高校招生有关工作的通知",
        ),
        (
            "Circular no. 1894\n\nZurich, 3 March 2026 SG/abc\n\nTO THE MEMBER ASSOCIATIONS\n\nTransfer regulations: deadlines for the season 2026/2027\n\nDear Sir or Madam,",
            "Circular no. 1894 | 2026-03-03 | Zurich | Transfer regulations: deadlines for the season 2026/2027",
        ),
        (
            "Circular No. 12/2026-Customs\n\nF. No. 450/12/2026-Cus.IV\nGovernment of Exemplia\n\nNew Delhi, dated the 3rd March, 2026\n\nTo\nAll Principal Chief Commissioners of Customs\n\nSubject: Refund of duties - reg.\n\nMadam/Sir,",
            "Circular No. 12/2026-Customs | 2026-03-03 | New Delhi | Refund of duties - reg.",
        ),
        (
            "МИНИСТЕРСТВО ПРИМЕРА\nИНФОРМАЦИОННОЕ ПИСЬМО\n03.03.2026 № 12-04/118\n\n«О применении статьи 12»\n\nТерриториальным органам\n\nВ связи с поступающими вопросами министерство сообщает следующее о применении названной статьи закона.\n@@",
            "12-04/118 | 2026-03-03 | - | «О применении статьи 12»",
        ),
        (
            "تعميم رقم 12/2026\n\nبيروت، في 3 آذار 2026\n\nإلى: المصارف\n\nبشأن تنظيم الحسابات\n\nحضرات السادة،",
            "تعميم رقم 12/2026 | 2026-03-03 | بيروت | بشأن تنظيم الحسابات",
        ),
        ("Ref.: 118/26\nDate: 24.09.26\nTo: Members\nSubject: Fees\n\nDear Members,", "118/26 | 2026-09-24 | - | Fees"),
    ]);
}

#[test]
fn more_heads_of_many_offices() {
    check(&[
        // a federation, its date at the right of the letterhead and its number in the corner
        (
            "SAMPLE FOOTBALL UNION                                        Nyon, 3 March 2026\nLegal Division                                               CL-26/014/leg\n\nTO: Member associations\n\nSubject: Club licensing\n\nDear Sir or Madam,",
            "CL-26/014/leg | 2026-03-03 | Nyon | Club licensing",
        ),
        // an insurer, subject in the middle of the labels
        (
            "Circular Ref.   IA/CIR/2026/07\nSubject         Solvency returns\nTo              All licensed insurers\nDate            3 March 2026\n\nDear Sirs,",
            "IA/CIR/2026/07 | 2026-03-03 | - | Solvency returns",
        ),
        // note verbale in English with the date below
        (
            "MINISTRY OF FOREIGN AFFAIRS\nProtocol Department\n\nNo. PD/118/2026\n\nThe Ministry of Foreign Affairs presents its compliments to all Diplomatic Missions and has the honour to inform them of the new forms.\n\nThe Ministry avails itself of this opportunity to renew the assurances of its highest consideration.\n\nSampleton, 3 March 2026\n\nAll Diplomatic Missions\nSampleton\n@@",
            "PD/118/2026 | 2026-03-03 | Sampleton | -",
        ),
        // French note verbale
        (
            "N° 0118/MAE/PROT\n\nNOTE CIRCULAIRE\n\nLe Ministère des Affaires étrangères présente ses compliments aux Missions diplomatiques et a l'honneur de les informer des nouveaux formulaires.\n\nLe Ministère saisit cette occasion pour renouveler aux Missions diplomatiques les assurances de sa haute considération.\n\nYaoundé, le 3 mars 2026\n@@",
            "N° 0118/MAE/PROT | 2026-03-03 | Yaoundé | -",
        ),
        // an UN office in French
        (
            "RÉFÉRENCE : LA 118 EX (26)\n\nGenève, le 3 mars 2026\n\nAux Gouvernements des États Membres\n\nObjet : Conférence des plénipotentiaires –\n        élections\n\nMadame, Monsieur,",
            "LA 118 EX (26) | 2026-03-03 | Genève | Conférence des plénipotentiaires – élections",
        ),
        // a chamber in Spanish
        (
            "CÁMARA DE COMERCIO\nMontevideo, marzo 3 de 2026\nRef: CC-118-26\nSeñores\nSOCIOS ACTIVOS\nPresente\n\nDe nuestra consideración:\n\nAsunto: Asamblea general ordinaria\n\nTenemos el agrado de convocar a los señores socios a la asamblea general ordinaria que tendrá lugar en la sede.\n@@",
            "CC-118-26 | 2026-03-03 | Montevideo | Asamblea general ordinaria",
        ),
        // an Argentine note
        (
            "República Ejemplar\nNota Circular\n\nNúmero: NO-2026-00118-APN-DNM\n\nBUENOS EJEMPLOS\nMartes 3 de marzo de 2026\n\nReferencia: Pasaportes: nuevo procedimiento de emisión\n\nA: Jefes de delegación\n\nDe mi mayor consideración:",
            "NO-2026-00118-APN-DNM | 2026-03-03 | BUENOS EJEMPLOS | Pasaportes: nuevo procedimiento de emisión",
        ),
        // Russian: labels in a corner, title on the left
        (
            "ФЕДЕРАЦИЯ ФУТБОЛА ПРИМЕРА\n\n03 марта 2026 г.                                Руководителям клубов\n№ 118/26\n\n\nО заявке игроков\n\n\nУважаемые коллеги!",
            "118/26 | 2026-03-03 | - | О заявке игроков",
        ),
        // Russian: circular of an organisation
        (
            "Исх.: СР/26-118\nДата: 3 марта 2026 года\nКому: Национальным комитетам\nКасательно: Выборы\n\nУважаемые господа,",
            "СР/26-118 | 2026-03-03 | - | Выборы",
        ),
        // Arabic: ministry with both calendars on two lines
        (
            "وزارة المالية\n\nرقم الصادر: 118/م/26\nالتاريخ: 14/09/1447هـ\nالموافق: 03/03/2026م\nالمرفقات: 2\n\nإلى جميع الجهات الحكومية\n\nالموضوع: الإقفال السنوي للحسابات\n\nالسلام عليكم ورحمة الله وبركاته،",
            "118/م/26 | 2026-03-03 | - | الإقفال السنوي للحسابات",
        ),
        // Arabic: title centred below the salutation
        (
            "المنظمة العربية للعينات\nالقاهرة، 3 مارس/آذار 2026\nالمرجع: م ع/118/26\n\nإلى السادة رؤساء الوفود\n\nتحية طيبة وبعد،\n\n                      تأجيل الدورة العادية للمجلس\n\nيسر الأمانة العامة أن تفيدكم بأن الدورة العادية للمجلس قد أجلت إلى موعد يحدد فيما بعد وفق ما تقرر في الجلسة الأخيرة.\n@@",
            "م ع/118/26 | 2026-03-03 | القاهرة | تأجيل الدورة العادية للمجلس",
        ),
        // Chinese: an organisation's letter with labels in columns
        (
            "国际电信示例联盟\n电信标准化局\n                                             2026年3月3日，日内瓦\n\n文号：    电信标准化局第118号通函         致：国际电联各成员国主管部门\n电话：    +41 22 730 0000\n\n事由：    新建议书草案\n          的批准\n\n尊敬的先生/女士：",
            "电信标准化局第118号通函 | 2026-03-03 | 日内瓦 | 新建议书草案的批准",
        ),
        // Chinese: a note with its date below
        (
            "普通照会\n（示）领字第118号\n\n示例国外交部向各国驻示例国使馆致意，并谨通知新版身份证件启用事宜如下，请各使馆知悉并转告有关人员。\n\n顺致崇高敬意。\n\n二〇二六年三月三日于示例城\n@@",
            "（示）领字第118号 | 2026-03-03 | 示例城 | -",
        ),
    ]);
}

#[test]
fn dates_in_numbers_are_read_day_first_where_the_letter_is_not_english() {
    let text = |label: &str, body: &str| {
        format!("Réf. : DG/12\n{label} : 3/4/2026\n\nÀ : régulateurs\n\nObjet : Frais\n\n{body}\n")
    };
    let french = "Madame, Monsieur,\n\nNous vous prions de nous faire parvenir les réponses avant la fin du mois et de les adresser au bureau.";
    let english = "Dear Sir/Madam,\n\nWe ask you to send us the answers before the end of the month and to address them to the office.";
    check(&[(&format!("{}@@", text("Date", french)), "DG/12 | 2026-04-03 | - | Frais")]);
    check(&[(&format!("{}@@", text("Date", english)), "DG/12 | - | - | Frais")]);
}

#[test]
fn more_places_of_a_subject() {
    check(&[
        (
            "CL 26/12\n3 March 2026\n\nTo: Members\n\nFees for the year 2027\n______________________\n\nDear Members,",
            "CL 26/12 | 2026-03-03 | - | Fees for the year 2027",
        ),
        (
            "N° 118/26\nDakar, le 3 mars 2026\n\nÀ : Présidents des ligues\n\n\n    PROGRAMME DE LA SAISON 2026-2027 :\n    DATES À RETENIR\n\n\nMesdames, Messieurs,",
            "N° 118/26 | 2026-03-03 | Dakar | PROGRAMME DE LA SAISON 2026-2027 : DATES À RETENIR",
        ),
        (
            "Circular 3/2026\nLondon, 3 March 2026\n\nTo: Parish clergy\n\nDear Fathers,\n\nRe: Collections for the missions\n\nThe collections of this year for the missions will be taken on the dates that the bishop has set and that follow below.\n@@",
            "Circular 3/2026 | 2026-03-03 | London | Collections for the missions",
        ),
        (
            "Circular 3/2026\nLondon, 3 March 2026\n\nTo: Member associations\n\n    Partners of the association\n\nDear Members,\n\nELECTION OF THE BOARD\n",
            "Circular 3/2026 | 2026-03-03 | London | ELECTION OF THE BOARD",
        ),
        (
            "Rundschreiben\nRef. AB/3/26\nVienna, 3 March 2026\n\nTo: Members\n\nDear Members,\n\nI write to you about the fees.\n\nThey are due on the first day of June of every year and are paid to the account that is named on the form annexed to this letter.\n@@",
            "AB/3/26 | 2026-03-03 | Vienna | -",
        ),
    ]);
}
