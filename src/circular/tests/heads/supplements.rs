//! Supplements over several lines, days of the church, numbers beside a season, subjects behind a number's label.

use super::{super::*, check, head_of};

#[test]
fn supplements_of_several_lines_are_read_in_their_order() {
    check(&[
        (
            "Sample Union\nRadio Bureau\n\nAddendum 2 to\nCircular Letter\nCR/587                                        18 August 2026\n\nTo Administrations of Member States of the Union\n\nSubject: Regional seminars\n\nDear Sir/Madam,",
            "Addendum 2 to Circular Letter CR/587 | 2026-08-18 | - | Regional seminars",
        ),
        (
            "Corrigendum 1\nto\nAdministrative Circular\nCACE/1187                                     3 March 2026\n\nTo Administrations of Member States\n\nSubject: Meeting\n\nDear Sir/Madam,",
            "Corrigendum 1 to Administrative Circular CACE/1187 | 2026-03-03 | - | Meeting",
        ),
        (
            "Addendum 1 to Circular Letter\nCR/587\n3 March 2026\n\nTo: Administrations of Member States\n\nSubject: Seminars\n\nDear Sir/Madam,",
            "Addendum 1 to Circular Letter CR/587 | 2026-03-03 | - | Seminars",
        ),
        (
            "Addendum 2 à la\nLettre circulaire\nCR/587                                        18 août 2026\n\nAux administrations des États Membres\n\nObjet : Séminaires régionaux\n\nMadame, Monsieur,",
            "Addendum 2 à la Lettre circulaire CR/587 | 2026-08-18 | - | Séminaires régionaux",
        ),
        (
            "Corrigendum 1 à la\nCirculaire administrative\nCACE/1187                                     Le 3 mars 2026\n\nAux administrations des États Membres\n\nObjet : Réunion\n\nMadame, Monsieur,",
            "Corrigendum 1 à la Circulaire administrative CACE/1187 | 2026-03-03 | - | Réunion",
        ),
        (
            "Adición 2 a la\nCarta Circular\nCR/587                                        18 de agosto de 2026\n\nA las Administraciones de los Estados Miembros\n\nAsunto: Seminarios regionales\n\nEstimados señores:",
            "Adición 2 a la Carta Circular CR/587 | 2026-08-18 | - | Seminarios regionales",
        ),
        (
            "Бюро радио\n\nПересмотр 1\nАдминистративного циркуляра\nCA/281                                        15 апреля 2026 года\n\nАдминистрациям Государств-Членов\n\nПредмет: Собрание группы\n\nУважаемые господа!",
            "Пересмотр 1 Административного циркуляра CA/281 | 2026-04-15 | - | Собрание группы",
        ),
        (
            "Дополнительный документ 1\nк Циркулярному письму\nCR/587                                        15 апреля 2026 года\n\nАдминистрациям Государств-Членов\n\nПредмет: Собрание группы\n\nУважаемые господа!",
            "Дополнительный документ 1 к Циркулярному письму CR/587 | 2026-04-15 | - | Собрание группы",
        ),
        (
            "مكتب الاتصالات\n\nإضافة 1\nللرسالة الإدارية المعممة\nCACE/1244                                     23 يوليو 2026\n\nإلى إدارات الدول الأعضاء\n\nالموضوع: اجتماع اللجنة\n\nتحية طيبة وبعد،",
            "إضافة 1 للرسالة الإدارية المعممة CACE/1244 | 2026-07-23 | - | اجتماع اللجنة",
        ),
        (
            "تصويب 2\nللرسالة المعممة\nCR/587                                        23 يوليو 2026\n\nإلى إدارات الدول الأعضاء\n\nالموضوع: اجتماع اللجنة\n\nتحية طيبة وبعد،",
            "تصويب 2 للرسالة المعممة CR/587 | 2026-07-23 | - | اجتماع اللجنة",
        ),
    ]);
}

#[test]
fn a_supplement_that_has_a_number_of_its_own_keeps_it() {
    let heads = [
        (
            "Réf. : 4415(DOP.QLM)1066\n\nCorrigendum 1 à la lettre circulaire 4402(DOP.QLM)1058 du 20 août 2026",
            "4415(DOP.QLM)1066",
            "corrigendum 1",
        ),
        ("Our ref.: CL 44/2026\n\nCorrigendum 1 to CL 43/2026", "CL 44/2026", "corrigendum 1"),
        ("Ref.: SC/118/26\n\nAddendum 2 to Circular Letter SC/104/26", "SC/118/26", "addendum 2"),
        ("Ref.: 7/STU\n\nCorrigendum 1 to TSB Circular 239", "Corrigendum 1 to TSB Circular 239", "corrigendum 1"),
    ];
    for (head, reference, supplement) in heads {
        let text = format!(
            "Sample Union\n\n{head}\n\nBerne, 3 March 2026\n\nTo: Members\n\nSubject: Survey\n\nDear Members,\n{}",
            super::BODY
        );
        let letter = read("letter.txt", text.as_bytes(), day(2026, 1, 1));
        let found = letter.reference.map(|found| found.value.to_string()).unwrap_or_default();
        let kind = letter.supplement.map(|supplement| supplement.to_string()).unwrap_or_default();
        assert_eq!((found.as_str(), kind.as_str()), (reference, supplement), "{head}");
        assert!(head_of(&text).contains("2026-03-03 | Berne | Survey"), "{}", head_of(&text));
    }
}

#[test]
fn heads_of_dioceses_federations_and_authorities() {
    check(&[
        (
            "THE DIOCESE OF SAMPLEFORD\nOffice of the Bishop\n\nAD CLERUM 4/2026\n\nThe Feast of St Barnabas, 11 June 2026\n\nTo all licensed clergy\nTo Readers\n\nSisters and brothers in Christ,\n\nSafeguarding training and the visitation\n",
            "AD CLERUM 4/2026 | 2026-06-11 | - | Safeguarding training and the visitation",
        ),
        (
            "TO THE MEMBER ASSOCIATIONS OF THE SAMPLE UNION\n\nCircular no. 1907\n\nZurich, 2 October 2026\nSG/mku-est\n\nAnnual transfer window: notification of registration periods for 2027\n\nDear Sir or Madam,",
            "Circular no. 1907 | 2026-10-02 | Zurich | Annual transfer window: notification of registration periods for 2027",
        ),
        (
            "TO THE NATIONAL FEDERATIONS\n\nCircular Letter 12/2026\n\nLausanne, 2 October 2026\nRef: FAR/abc\n\nCalendar of the events of the season 2027\n\nDear Presidents,",
            "Circular Letter 12/2026 | 2026-10-02 | Lausanne | Calendar of the events of the season 2027",
        ),
        (
            "AUX ASSOCIATIONS MEMBRES\n\nCirculaire n° 1907\n\nZurich, le 2 octobre 2026\nSG/mku\n\nPériodes d'enregistrement des joueurs pour la saison 2027\n\nMadame, Monsieur,",
            "Circulaire n° 1907 | 2026-10-02 | Zurich | Périodes d'enregistrement des joueurs pour la saison 2027",
        ),
        (
            "REF.:  IMPARTE INSTRUCCIONES SOBRE EL ENVÍO DE\n       INFORMACIÓN DE SINIESTROS.\n       MODIFICA CIRCULAR N° 2.148\n______________________________\n\nCIRCULAR N° 2.391\n\nSantiago, 18 de agosto de 2026\n\nA todas las entidades aseguradoras\n\nEsta Comisión, en uso de sus facultades legales, ha resuelto impartir las siguientes instrucciones a las entidades aseguradoras.\n@@",
            "CIRCULAR N° 2.391 | 2026-08-18 | Santiago | IMPARTE INSTRUCCIONES SOBRE EL ENVÍO DE INFORMACIÓN DE SINIESTROS. MODIFICA CIRCULAR N° 2.148",
        ),
        (
            "REF.: ESTABLECE NORMAS SOBRE RESERVAS TÉCNICAS.\n      DEROGA CIRCULARES N° 1.499 Y N° 1.512\n\nCIRCULAR N° 2.400\n\nSantiago, 18 de agosto de 2026\n\nA todas las entidades aseguradoras\n\nEsta Comisión, en uso de sus facultades legales, ha resuelto impartir las siguientes instrucciones a las entidades aseguradoras.\n@@",
            "CIRCULAR N° 2.400 | 2026-08-18 | Santiago | ESTABLECE NORMAS SOBRE RESERVAS TÉCNICAS. DEROGA CIRCULARES N° 1.499 Y N° 1.512",
        ),
        (
            "REAL FEDERACIÓN MODELO DE BALONMANO\n\nCIRCULAR Nº 34                                   TEMPORADA 2026/2027\n\n                  CALENDARIO DE INSCRIPCIÓN DE EQUIPOS\n                  EN COMPETICIONES DE ÁMBITO ESTATAL\n\nA las Federaciones Territoriales\n\nLa Junta Directiva, en su reunión del pasado 9 de junio, aprobó el calendario de inscripción de equipos para la temporada que comienza.\n\nMadrid, 15 de junio de 2026\n\nFdo.: Íñigo Muestra Echegaray\nSecretario General\n@@",
            "CIRCULAR Nº 34 | 2026-06-15 | Madrid | CALENDARIO DE INSCRIPCIÓN DE EQUIPOS EN COMPETICIONES DE ÁMBITO ESTATAL",
        ),
        (
            "FÉDÉRATION MODÈLE DE HANDBALL\n\nCIRCULAIRE N° 34                                 SAISON 2026/2027\n\n                  ENGAGEMENT DES ÉQUIPES EN CHAMPIONNAT\n\nAux ligues régionales\n\nParis, le 15 juin 2026\n\nMesdames, Messieurs,",
            "CIRCULAIRE N° 34 | 2026-06-15 | Paris | ENGAGEMENT DES ÉQUIPES EN CHAMPIONNAT",
        ),
        (
            "المملكة النموذجية                                              الرقم: 4700219836\nوزارة التعليم                                                  التاريخ: 1448/03/11 هـ\nالإدارة العامة                                                 الموافق: 2026/08/24 م\n\nإلى: مديري مكاتب التعليم\n\nالموضوع: ضوابط العام الدراسي 1448هـ\n\nالسلام عليكم ورحمة الله وبركاته، وبعد:",
            "4700219836 | 2026-08-24 | - | ضوابط العام الدراسي 1448هـ",
        ),
    ]);
}

/// Initials below the date end the list of addressees: the title below them is none.
#[test]
fn a_title_below_the_initials_of_the_writer_does_not_park() {
    let text = format!(
        "TO THE MEMBER ASSOCIATIONS\n\nCircular no. 1907\n\nZurich, 2 October 2026\nSG/mku-est\n\nAnnual transfer window of the year 2027\n\nDear Sir or Madam,\n{}",
        super::BODY
    );
    let letter = read("letter.txt", text.as_bytes(), day(2026, 1, 1));
    assert_eq!(errors(&letter), Vec::<String>::new());
}

#[test]
fn chinese_heads_of_schools_chambers_and_ministries() {
    check(&[
        (
            "                        教育事務局（樣本）\n\n檔號：EAB(SA)/ADM/55/1/4(26)\n\n                     教育事務局通函第88/2026號\n\n分發名單：  各官立學校校監\n副本送：    各組主管\n\n                  2026/27學年姊妹學校交流津貼\n\n（注意：本通函應交校監及校長閱覽。）\n\n摘要\n\n本通函旨在邀請學校申請2026/27學年的姊妹學校交流津貼，並取代2025年5月6日發出的通函第71/2025號。\n\n教育事務局局長\n梁樣本代行\n\n2026年5月4日\n@@",
            "教育事務局通函第88/2026號 | 2026-05-04 | - | 2026/27學年姊妹學校交流津貼",
        ),
        (
            "示例国际商会\n会员服务部\n\n文件编号：HY-2026-031\n日    期：2026年4月17日\n发 送 至：理事单位、会员企业\n抄    送：监事会\n发 件 人：秘书长办公室\n主    题：关于征集候选人的通知\n\n尊敬的各会员单位：",
            "HY-2026-031 | 2026-04-17 | - | 关于征集候选人的通知",
        ),
        (
            "示例协会\n\n编    号：示协函〔2026〕31号      日    期：2026年4月17日\n致    ：会员企业\n事    由：关于缴纳会费\n\n尊敬的会员：",
            "示协函〔2026〕31号 | 2026-04-17 | - | 关于缴纳会费",
        ),
        (
            "                                   檔　　號：\n                                   保存年限：\n\n                樣本部　函\n\n                     地址：100000樣本市中山南路0號\n                     承辦人：林樣本\n                     電話：02-0000-0000\n\n受文者：各公私立大專校院\n\n發文日期：中華民國115年3月9日\n發文字號：樣教高(四)字第1150023417號\n速別：普通件\n密等及解密條件或保密期限：\n附件：計畫徵件須知\n\n主旨：檢送本部徵件須知一份，請查照。\n\n說明：\n一、依據本部前函辦理，請各單位配合辦理相關事宜，並轉知所屬機關。\n@@",
            "樣教高(四)字第1150023417號 | 2026-03-09 | - | 檢送本部徵件須知一份，請查照。",
        ),
        (
            "檔號：0115/1\n保存年限：5年\n\n樣本市政府　函\n\n受文者：樣本市立各級學校\n發文日期：中華民國115年3月9日\n發文字號：府教終字第1150023417號\n速別：最速件\n密等及解密條件或保密期限：普通\n\n主旨：轉知研習活動，請踴躍參加。\n\n說明：\n一、依據教育單位來函辦理，請各校鼓勵教師參加，並惠予公假登記。\n@@",
            "府教終字第1150023417號 | 2026-03-09 | - | 轉知研習活動，請踴躍參加。",
        ),
    ]);
}

#[test]
fn references_of_offices_lose_their_labels_and_marks() {
    check(&[
        (
            "樣本特別行政區政府\n衞生署\nOUR REF. 本署檔號：  (27) in DH/SEB/CD/8/20 Pt.3\nYOUR REF. 來函檔號：\nTEL. 電話：          0000 3303\n\n2026年3月3日\n\n各學校校長：\n\n                  預防上呼吸道感染及手足口病\n",
            "(27) in DH/SEB/CD/8/20 Pt.3 | 2026-03-03 | - | 預防上呼吸道感染及手足口病",
        ),
        (
            "Bureau of Samples\n\nRef. 文号： SB/12/26\nDate 日期： 2026年3月3日\nSubject 主题： Survey of offices\nTo 致： All Offices\n\nDear Sirs,",
            "SB/12/26 | 2026-03-03 | - | Survey of offices",
        ),
        (
            "Oficina Modelo\n\nRef. núm. ACD 8-1-27\n\nGinebra, 2 de junio de 2026\n\nA los Ministerios de los Estados Miembros\n\nAsunto: Memorias\n\nSeñoras, Señores:",
            "ACD 8-1-27 | 2026-06-02 | Ginebra | Memorias",
        ),
        (
            "Bureau modèle\n\nRéf. n° 12-26/SG\n\nBerne, le 2 juin 2026\n\nAux administrations des États Membres\n\nObjet : Enquête\n\nMadame, Monsieur,",
            "12-26/SG | 2026-06-02 | Berne | Enquête",
        ),
        (
            "مصرف المثال\n\nإشعار رقم: CBS/BSD/2026/2744\nالتاريخ: 29 يونيو 2026\n\nإلى: البنوك\n\nالموضوع: تحديث السجل\n\nتحية طيبة وبعد،",
            "CBS/BSD/2026/2744 | 2026-06-29 | - | تحديث السجل",
        ),
        (
            "جامعة المثال\n\nالعدد: ش ع / 2218\nالتاريخ: 2026/6/29\n\nإلى / عمادات الكليات كافة\n\nم / المؤتمر العلمي السنوي السادس\n\nالسلام عليكم ورحمة الله وبركاته...",
            "ش ع / 2218 | 2026-06-29 | - | المؤتمر العلمي السنوي السادس",
        ),
        (
            "ORGANISATION DES DOUANES\n\nBruxelles, le 21 janvier 2026\n\n27NL0045 - P. Modelska\n\nAux Directeurs généraux des douanes\n\nConcerne : 79e session du Comité\n\nMadame, Monsieur,",
            "27NL0045 | 2026-01-21 | Bruxelles | 79e session du Comité",
        ),
        (
            "# FÉDÉRATION MODÈLE\n\n**Note aux licenciés et aux clubs n° 2026-05**\n\nLorient-Modèle, le 22 février 2026\n\n**Destinataires :** Clubs\n\n**Objet : Championnat**\n\nChers amis,",
            "Note aux licenciés et aux clubs n° 2026-05 | 2026-02-22 | Lorient-Modèle | Championnat",
        ),
        (
            "WORLD TRADE BODY                                                  WTB/AIR/SPS/71\n                                                                  9 February 2026\nCOMMITTEE ON MEASURES\n\nTO:         MEMBERS\n            OBSERVERS\n\nSUBJECT:    INFORMAL MEETING",
            "WTB/AIR/SPS/71 | 2026-02-09 | - | INFORMAL MEETING",
        ),
        (
            "澳樣金融管理局\nAUTORIDADE DE AMOSTRA\n\n                              傳閱文件\n\n編號：  016/B/2026-DSB/AMOS\n日期：  2026年2月16日\n送交：  所有信用機構\n事由：  提交報告\n\n敬啟者：",
            "016/B/2026-DSB/AMOS | 2026-02-16 | - | 提交報告",
        ),
        (
            "邮政联合会\n\nAPPX/2026/C-006                                              曼谷，2026年3月1日\n\n收件人：    各成员国邮政主管部门负责人\n关于：      2026年执行理事会（5月31日至6月4日，乌兰巴托）\n\n尊敬的先生、女士：",
            "APPX/2026/C-006 | 2026-03-01 | 曼谷 | 2026年执行理事会（5月31日至6月4日，乌兰巴托）",
        ),
        (
            "ORGANIZACIÓN ESPÉCIMEN\n\n26 de enero de 2026\n\nC. N 4288 – Adición 1\n\nA: Oficinas de propiedad intelectual\n\nAsunto: Cuestionario\n\nDe mi consideración:",
            "C. N 4288 – Adición 1 | 2026-01-26 | - | Cuestionario",
        ),
        (
            "ФЕДЕРАЦИЯ (ОБРАЗЕЦ)\n\nИсх. № 88/27 от 11 января 2026 года\n\n             Дополнение 2\n   к информационному письму № 301/26 от 1 декабря 2025 года\n\nПрезидентам региональных федераций\n\nО проведении чемпионата\n\nУважаемые коллеги!",
            "88/27 | 2026-01-11 | - | О проведении чемпионата",
        ),
        (
            "国际电信联盟\n电信标准化局\n\n                                                  2026年2月22日，日内瓦\n\n文号：          电信标准化局第5/3号集体函          致：\n                之补遗1                            –  国际电联各成员国主管部门\n                SG5/CB                             –  ITU-T部门成员\n电话：          +41 22 000 6301\n\n事由：          第5研究组会议\n\n尊敬的先生/女士：",
            "电信标准化局第5/3号集体函之补遗1 | 2026-02-22 | 日内瓦 | 第5研究组会议",
        ),
        (
            "مكتب التقييس\n\n                                                        جنيف، 7 مايو 2026\n\nالمرجع:        الإضافة 1                          إلى:\n               للرسالة المعممة 144                -  إدارات الدول الأعضاء في الاتحاد؛\n               TSB/CIT                            -  أعضاء القطاع\n\nالموضوع:       ورشة عمل\n\nتحية طيبة وبعد،",
            "الإضافة 1 للرسالة المعممة 144 | 2026-05-07 | جنيف | ورشة عمل",
        ),
    ]);
}
