//! Heads of offices whose number, kind or subject stands in words of their own.

use super::check;

#[test]
fn heads_of_other_offices() {
    check(&[
        (
            "文件樣本局\nSAMPLE OFFICE\n\n本局檔號 OUR REF.：  SO 12/34/5 Pt.2\n日期 DATE：  2026年3月3日\n受文者：  各機構\n主旨 SUBJECT：  提交年度報告\n\n敬啟者：",
            "SO 12/34/5 Pt.2 | 2026-03-03 | - | 提交年度報告",
        ),
        (
            "示例协会\n\n编号：示协函〔2026〕12号\n\n关于举办年会的补充通知（更正1）\n\n各会员单位：",
            "示协函〔2026〕12号 | - | - | 关于举办年会的补充通知（更正1）",
        ),
        (
            "جامعة المثال\n\nالعدد/ 218\nالتاريخ/ 2026/6/29\n\nإلى/ عمادات الكليات كافة\n\nم/ مؤتمر علمي سنوي\n\nالسلام عليكم...",
            "218 | 2026-06-29 | - | مؤتمر علمي سنوي",
        ),
        (
            "هيئة المثال\n\nتعليمات رقم: 12/2026\nالتاريخ: 29 يونيو 2026\n\nإلى: المصارف\n\nالموضوع: السجل\n\nتحية طيبة وبعد،",
            "12/2026 | 2026-06-29 | - | السجل",
        ),
        (
            "مكتب المثال\n\nجنيف، 7 مايو 2026\n\nالمرجع: التصويب 2\n        للتعميم 144\n\nإلى: إدارات الدول الأعضاء\n\nالموضوع: ورشة عمل\n\nتحية طيبة وبعد،",
            "التصويب 2 للتعميم 144 | 2026-05-07 | جنيف | ورشة عمل",
        ),
        (
            "EXAMPLE CUSTOMS BODY\nDirectorate of Tariffs\n\nBrussels, 21 January 2026\n\n26VL0312 – J.-M. Sample\n\nTo the Directors General of Customs\n\nSubject: 79th session\n\nDear Sir or Madam,",
            "26VL0312 | 2026-01-21 | Brussels | 79th session",
        ),
        (
            "# SAMPLE SAILING FEDERATION\n\n**Notice to Members and Clubs No. 2026-05**\n\nCowes, 22 February 2026\n\n**To:** Clubs\n\n**Subject:** Youth championship\n\nDear all,",
            "Notice to Members and Clubs No. 2026-05 | 2026-02-22 | Cowes | Youth championship",
        ),
        (
            "# FEDERACIÓN MODELO\n\n**Nota a los clubes y federados n.º 2026-05**\n\nPalma, 22 de febrero de 2026\n\n**A:** Clubes\n\n**Asunto:** Campeonato\n\nEstimados amigos:",
            "Nota a los clubes y federados n.º 2026-05 | 2026-02-22 | Palma | Campeonato",
        ),
        (
            "ОРГАНИЗАЦИЯ (ОБРАЗЕЦ)\n\nТел.: +1 514-000-0000\n\nОсн.: SP 44/2-26/58                                   2 июля 2026 года\n\nСодержание:  Всемирный форум\n\nТребуемые действия: назначить участников до 8 октября 2026 года\n\nГосударствам – членам Организации\n\nСэр/Мадам,",
            "SP 44/2-26/58 | 2026-07-02 | - | Всемирный форум",
        ),
        (
            "SAMPLE LABOUR OFFICE\n\nRef. No. ACD 8-1-27\n\nGeneva, 2 June 2026\n\nTo the Ministries of the Member States\n\nSubject: Reports\n\nDear Sir or Madam,",
            "ACD 8-1-27 | 2026-06-02 | Geneva | Reports",
        ),
        (
            "FEDERATION OF SAMPLES\n\nRef. 88/26                                 11 January 2026\n\nAddendum 2\nto information letter 301/25 of 1 December 2025\n\nTo: National federations\n\nSubject: Championship\n\nDear colleagues,",
            "88/26 | 2026-01-11 | - | Championship",
        ),
        (
            "PORT OF SPAIN\n3 March 2026\n\nRef.: TT/12/26\n\nTo: Members\n\nSubject: Meeting\n\nDear Sirs,",
            "TT/12/26 | 2026-03-03 | - | Meeting",
        ),
        (
            "ORGANIZACIÓN ESPÉCIMEN\n\n26 de enero de 2026\n\nC. N 4288 – Corr. 1\n\nA: Oficinas\n\nAsunto: Cuestionario\n\nDe mi consideración:",
            "C. N 4288 – Corr. 1 | 2026-01-26 | - | Cuestionario",
        ),
        (
            "SPECIMEN ORGANIZATION\n\nC. N 4288 - Addendum 1\n\n26 January 2026\n\nTo: Offices\n\nSubject: Questionnaire\n\nDear Sir or Madam,",
            "C. N 4288 - Addendum 1 | 2026-01-26 | - | Questionnaire",
        ),
        (
            "示例组织\n\n参考：集体函 5/12\n     增编2\n\n2026年3月3日，日内瓦\n\n致：各成员\n\n关于: 培训班\n\n尊敬的先生/女士：",
            "集体函 5/12, 增编2 | 2026-03-03 | 日内瓦 | 培训班",
        ),
        (
            "示例电信局\n\n电信标准化局第7号通函的勘误1\n\n2026年3月3日，日内瓦\n\n致：各成员国主管部门\n\n事由：会议\n\n尊敬的先生/女士：",
            "电信标准化局第7号通函的勘误1 | 2026-03-03 | 日内瓦 | 会议",
        ),
        (
            "ДЕПАРТАМЕНТ ОБРАЗЦОВ\n\nИсх. № 12-08/514\nДата: 15 марта 2026 г.\nКому: деканам факультетов\nТема: Конкурс грантов\n\nУважаемые коллеги!",
            "12-08/514 | 2026-03-15 | - | Конкурс грантов",
        ),
        (
            "Secrétariat modèle\n\nN/Réf. : 12/SG/2026          V/Réf. : 44\n\nGenève, le 3 mars 2026\n\nAux membres du Conseil\n\nConcerne : séance du Conseil\n\nMesdames, Messieurs,",
            "12/SG/2026 | 2026-03-03 | Genève | séance du Conseil",
        ),
    ]);
}
