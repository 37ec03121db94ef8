//! The feet of letters: closing and those who sign, as houses of six languages print them.

use super::*;

const HEAD: &str = "Geneva, 3 December 2021\n\nRef.: Circular C/1\n\nTo Offices\n\nSubject: Test\n\n";
const TEXT: &str = "The forms are to be returned to the house that sends this letter, which keeps them.\n\n";

/// The feet that are read otherwise than expected: closing, then "name — post" of each who signs.
fn wrong(table: &[(&str, &str, &[&str])]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (foot, closing, signers) in table {
        let letter = read("x.txt", format!("{HEAD}{TEXT}{foot}\n").as_bytes(), day(2021, 12, 10));
        let found: Vec<String> = letter
            .signatories
            .iter()
            .map(|s| s.title.as_ref().map_or(s.name.clone(), |title| format!("{} — {title}", s.name)))
            .collect();
        let closed = letter.closing.map(|found| found.value).unwrap_or_default();
        if closed != *closing || found != *signers {
            wrong.push(format!("{foot:?}\n   {closed:?} {found:?}\n   {closing:?} {signers:?}"));
        }
    }
    wrong
}

fn check(table: &[(&str, &str, &[&str])]) {
    let wrong = wrong(table);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn the_post_stands_above_below_or_beside_the_name() {
    check(&[
        ("Yours faithfully,\n\nA. Example\nDirector", "Yours faithfully,", &["A. Example — Director"]),
        ("Yours faithfully,\n\nThe Director\n\nAna Example", "Yours faithfully,", &["Ana Example — The Director"]),
        ("Yours truly,\n\nDr Jane Example, Director", "Yours truly,", &["Dr Jane Example — Director"]),
        ("Yours truly,\n\nHon. P. Sample, MP\nMinister for Health", "Yours truly,", &["Hon. P. Sample, MP — Minister for Health"]),
        ("Atentamente,\n\nEL PRESIDENTE,\n\n\nRaúl Ejemplo", "Atentamente,", &["Raúl Ejemplo — EL PRESIDENTE"]),
        ("La Présidente\n\nAïssatou Exemple", "", &["Aïssatou Exemple — La Présidente"]),
        ("Le Préfet,\n\nsigné\n\nJean EXEMPLE", "", &["Jean EXEMPLE — Le Préfet"]),
        ("P. o. le Directeur,\n\nMme Claire Essai", "", &["Mme Claire Essai — P. o. le Directeur"]),
        ("المحافظ\nد. عادل نموذج", "", &["د. عادل نموذج — المحافظ"]),
        ("أ.د. صلاح نموذج\nعميد الكلية", "", &["أ.د. صلاح نموذج — عميد الكلية"]),
        ("مع التقدير،\n\nاللواء سالم مثال\nمدير عام الجوازات", "مع التقدير،", &["اللواء سالم مثال — مدير عام الجوازات"]),
        ("Директор          И.И. Образцов", "", &["И.И. Образцов — Директор"]),
        ("С уважением,\n\nдиректор И.И. Образцов", "С уважением,", &["И.И. Образцов — директор"]),
        ("С уважением,          Ректор          П.П. Примеров", "С уважением,", &["П.П. Примеров — Ректор"]),
        ("Исполняющий обязанности\nначальника управления\nИ.И. ОБРАЗЦОВ", "", &["И.И. ОБРАЗЦОВ — Исполняющий обязанности начальника управления"]),
        ("И.о. министра                    [подпись]                    Е. Примерова", "", &["Е. Примерова — И.о. министра"]),
        ("主任马里奥·范例", "", &["马里奥·范例 — 主任"]),
        ("局长：李示例", "", &["李示例 — 局长"]),
        ("校长  王样例", "", &["王样例 — 校长"]),
        ("王样例 院长", "", &["王样例 — 院长"]),
        ("此致\n\n敬礼！\n\n秘书长\n安娜·例子", "此致 敬礼！", &["安娜·例子 — 秘书长"]),
        ("此致\n敬礼\n\n會長 陳示例", "此致 敬礼", &["陳示例 — 會長"]),
        ("助理總裁（銀行操守）\n區示例", "", &["區示例 — 助理總裁（銀行操守）"]),
    ]);
}

#[test]
fn the_courtesy_before_a_name_tells_it_where_the_post_is_in_words_that_nobody_has_listed() {
    check(&[
        ("Sincerely yours in Christ,\n\n\nRev. Msgr. Thomas Placeholder\nChancellor", "Sincerely yours in Christ,", &["Rev. Msgr. Thomas Placeholder — Chancellor"]),
        ("In the peace of the Lord,\n\nMost Rev. Daniel Example\nBishop of Sampleton", "In the peace of the Lord,", &["Most Rev. Daniel Example — Bishop of Sampleton"]),
        ("Yours in scouting,\n\nMs Petra Muster\nInternational Commissioner", "Yours in scouting,", &["Ms Petra Muster — International Commissioner"]),
        ("Yours faithfully,\n\nProf. A. Muster\nKanzler", "Yours faithfully,", &["Prof. A. Muster — Kanzler"]),
        ("Yours faithfully,\n\nKanzlerin der Hochschule\nProf. A. Muster", "Yours faithfully,", &["Prof. A. Muster — Kanzlerin der Hochschule"]),
        ("Atentamente,\n\nMtra. Elena Ejemplo\nCoordinadora", "Atentamente,", &["Mtra. Elena Ejemplo — Coordinadora"]),
        ("Cordialmente,\n\nIng. José Muestra, PhD\nSubdirector Técnico", "Cordialmente,", &["Ing. José Muestra, PhD — Subdirector Técnico"]),
        ("С любовью о Господе,\n\n\nСекретарь епархии                  протоиерей Сергий Образцов", "С любовью о Господе,", &["протоиерей Сергий Образцов — Секретарь епархии"]),
        ("С молитвой,\n\nархимандрит Тихон\nнаместник монастыря", "С молитвой,", &["архимандрит Тихон — наместник монастыря"]),
        ("د. هدى نموذج\nالمشرفة على البرامج", "", &["د. هدى نموذج — المشرفة على البرامج"]),
    ]);
}

#[test]
fn two_who_sign_stand_in_columns_or_one_below_the_other() {
    check(&[
        ("Yours faithfully,\n\nAna Example                      Ben Sample\nDirector                         Secretary-General of\n                                 the Union", "Yours faithfully,", &["Ana Example — Director", "Ben Sample — Secretary-General of the Union"]),
        ("        Vº Bº                                  EL SECRETARIO\n        EL PRESIDENTE\n\n\n        Raúl Ejemplo                           José Modelo", "", &["Raúl Ejemplo — EL PRESIDENTE", "José Modelo — EL SECRETARIO"]),
        ("Saludamos a Uds. atentamente.\n\n              BANCO CENTRAL DE EJEMPLIA\n\n\nRodrigo J. Ejemplo                  Estela M. del Modelo\nGerente de Régimen                  Subgerenta General de\n                                    Regulación", "Saludamos a Uds. atentamente.", &["Rodrigo J. Ejemplo — Gerente de Régimen", "Estela M. del Modelo — Subgerenta General de Regulación"]),
        ("Le Président                          La Secrétaire générale\n\nJean Exemple                          Awa Essai", "", &["Jean Exemple — Le Président", "Awa Essai — La Secrétaire générale"]),
        ("Le Président,\nJean Exemple\n\nLa Secrétaire générale,\nAwa Essai", "", &["Jean Exemple — Le Président", "Awa Essai — La Secrétaire générale"]),
        ("С уважением,\n\nЗаместитель Председателя\nИсполнительного комитета                    Б. О. Примеров\n\nДиректор Департамента\nсотрудничества                              Л. И. Образцова", "С уважением,", &["Б. О. Примеров — Заместитель Председателя Исполнительного комитета", "Л. И. Образцова — Директор Департамента сотрудничества"]),
        ("Председатель                 А. Иванов\nСекретарь                    Б. Петров", "", &["А. Иванов — Председатель", "Б. Петров — Секретарь"]),
        ("Заместитель Председателя                    Б. О. Примеров\nИсполнительного комитета", "", &["Б. О. Примеров — Заместитель Председателя Исполнительного комитета"]),
        ("مع التحية،\n\nالأمين العام                              رئيس الاتحاد\nسامي مثال                                 هند نموذج", "مع التحية،", &["سامي مثال — الأمين العام", "هند نموذج — رئيس الاتحاد"]),
        ("Yours faithfully,\n\nAna Example\nDirector, Standards Office\n\nBen Example\nDirector, Radio Office", "Yours faithfully,", &["Ana Example — Director, Standards Office", "Ben Example — Director, Radio Office"]),
        ("Kind regards,\n\nAna Example\nDirector\nBen Sample\nSecretary", "Kind regards,", &["Ana Example — Director", "Ben Sample — Secretary"]),
    ]);
}

#[test]
fn the_body_for_which_is_signed_is_no_signatory_and_a_body_that_signs_is() {
    check(&[
        ("Yours faithfully,\n\nCONFEDERATION OF SAMPLE ASSOCIATIONS\n\n\nMatti Proef\nSecretary General", "Yours faithfully,", &["Matti Proef — Secretary General"]),
        ("Yours faithfully,\n\nSample Football Federation\nMatti Proef\nGeneral Secretary", "Yours faithfully,", &["Matti Proef — General Secretary"]),
        ("Veuillez agréer, Messieurs, nos salutations distinguées.\n\nBANQUE CENTRALE D'EXEMPLE\n\nJean Exemple\nGouverneur", "Veuillez agréer, Messieurs, nos salutations distinguées.", &["Jean Exemple — Gouverneur"]),
        ("Regards,\n\nPassenger Agency Services", "Regards,", &["Passenger Agency Services"]),
        ("财政部    海关总署    税务总局\n2021年12月3日", "", &["财政部", "海关总署", "税务总局"]),
        ("教育部 财政部\n2021年12月3日", "", &["教育部", "财政部"]),
        ("示例省教育厅\n示例省财政厅\n2021年12月3日", "", &["示例省教育厅", "示例省财政厅"]),
        ("特此通知。\n\n示例足球协会", "特此通知。", &["示例足球协会"]),
        ("示例市人民政府 办公室\n2021年12月3日", "", &["示例市人民政府 办公室"]),
        ("Yours faithfully,\n\nGerd Muster\nSecretary\nISO Technical Management Board", "Yours faithfully,", &["Gerd Muster — Secretary, ISO Technical Management Board"]),
    ]);
}

#[test]
fn what_stands_around_those_who_sign_is_none_of_them() {
    check(&[
        ("Cordialmente,\n\nDra. Ana Ejemplo\nPresidenta\n\n\nCalle Muestra 123, C.P. 04000 · Tel. 55 0000 0000 · aue.example", "Cordialmente,", &["Dra. Ana Ejemplo — Presidenta"]),
        ("Yours sincerely,\n\n[signed]\n\nPetra Voorbeeld\nChairperson\n\nESSA – Sampleplatz 1 – 60327 Frankfurt – Tel. +49 69 000\ninfo@essa.example", "Yours sincerely,", &["Petra Voorbeeld — Chairperson"]),
        ("С уважением,\n\nДиректор                    А.М. Примеров\n\n\nИсп. Е.К. Образцова\nдоб. 115", "С уважением,", &["А.М. Примеров — Директор"]),
        ("Ректор                    А.М. Примеров\n\n\nОбразцова Елена Петровна\n+7 (495) 000-00-01", "", &["А.М. Примеров — Ректор"]),
        ("Atentamente,\n\nLic. Ana Ejemplo\nDirectora\n\nElaboró: J. Muestra\nAEM/jmr", "Atentamente,", &["Lic. Ana Ejemplo — Directora"]),
        ("Le Directeur\n\nJean Exemple\n\nAffaire suivie par : Mme Essai\nTél. : 01 00 00 00 00", "", &["Jean Exemple — Le Directeur"]),
        ("La Directrice\n\nAwa Exemple\n\nP.-S. : Une permanence est assurée chaque mardi au siège de la Chambre, sur rendez-vous.", "", &["Awa Exemple — La Directrice"]),
        ("د. صلاح نموذج\nالمدير العام\n2021/12/3\n\nتنظيم: هند", "", &["د. صلاح نموذج — المدير العام"]),
        ("Yours faithfully,\n\nA. Example\nDirector\n\nEncl. as stated", "Yours faithfully,", &["A. Example — Director"]),
        ("秘书长\n王样例\n\n連附件", "", &["王样例 — 秘书长"]),
        ("Yours faithfully,\n\n__________________\nA. Example\nDirector\n\nAE/pq", "Yours faithfully,", &["A. Example — Director"]),
    ]);
}

#[test]
fn marks_in_place_of_a_signature_may_bear_its_name() {
    check(&[
        ("Fdo.: Raúl Ejemplo Ruiz\nDirector", "", &["Raúl Ejemplo Ruiz — Director"]),
        ("Yours faithfully,\n\n/s/ A. Example\nDirector", "Yours faithfully,", &["A. Example — Director"]),
        ("Le Directeur\n\nSigné : Jean Exemple", "", &["Jean Exemple — Le Directeur"]),
        ("(подпись)\n\nЕ.К. Образцова\nПредседатель", "", &["Е.К. Образцова — Председатель"]),
        ("С уважением,\n\n[подпись]\nА. Примеров,\nДиректор", "С уважением,", &["А. Примеров — Директор"]),
        ("（签名）\n\n奥德蕾·示例\n总干事", "", &["奥德蕾·示例 — 总干事"]),
    ]);
}

#[test]
fn closings_of_several_lines_and_of_whole_sentences() {
    check(&[
        ("I have the honour to be,\n\n      Sir, Madam,\n\n         Your obedient servant,\n\n         For the Director-General:\n\n\n         Corinne Exemple\n         Director\n         Standards Department", "I have the honour to be, Sir, Madam, Your obedient servant,", &["Corinne Exemple — Director, Standards Department"]),
        ("I remain, Sir,\nYour obedient servant,\n\nA. Example\nSecretary", "I remain, Sir, Your obedient servant,", &["A. Example — Secretary"]),
        ("Comptant sur votre présence, je vous adresse, chers confrères, mes\nsalutations les meilleures.\n\n\nJean Exemple\nPrésident", "Comptant sur votre présence, je vous adresse, chers confrères, mes salutations les meilleures.", &["Jean Exemple — Président"]),
        ("En vous remerciant de votre concours, nous vous prions d'agréer, Mesdames, Messieurs, nos salutations distinguées.\n\nLe Directeur\n\nJean Exemple", "En vous remerciant de votre concours, nous vous prions d'agréer, Mesdames, Messieurs, nos salutations distinguées.", &["Jean Exemple — Le Directeur"]),
        ("Je vous remercie de votre concours.\n\n     Pour la rectrice et par délégation,\n     Le secrétaire général de l'académie\n\n     Bruno Modèle-Martin", "Pour la rectrice et par délégation,", &["Bruno Modèle-Martin — Le secrétaire général de l'académie"]),
        ("Agradeciendo su atención, me es grato reiterarle las seguridades de mi consideración.\n\nAna Ejemplo\nDirectora", "Agradeciendo su atención, me es grato reiterarle las seguridades de mi consideración.", &["Ana Ejemplo — Directora"]),
        ("Con un saludo deportivo,\n\nRaúl Ejemplo\nSecretario General", "Con un saludo deportivo,", &["Raúl Ejemplo — Secretario General"]),
        ("С уважением и наилучшими пожеланиями,\n\nА. Примеров\nДиректор", "С уважением и наилучшими пожеланиями,", &["А. Примеров — Директор"]),
        ("Пользуясь случаем, прошу Вас принять уверения в моем высоком уважении.\n\nА. Примеров\nДиректор", "Пользуясь случаем, прошу Вас принять уверения в моем высоком уважении.", &["А. Примеров — Директор"]),
        ("女士/先生，请接受我最崇高的敬意。\n\n总干事\n奥德蕾·示例", "女士/先生，请接受我最崇高的敬意。", &["奥德蕾·示例 — 总干事"]),
        ("شاكرين لكم حسن تعاونكم، وتفضلوا بقبول فائق الاحترام.\n\nالمدير\nسامي مثال", "شاكرين لكم حسن تعاونكم، وتفضلوا بقبول فائق الاحترام.", &["سامي مثال — المدير"]),
        ("مع أطيب التمنيات بالتوفيق والنجاح،\n\nسامي مثال\nالأمين العام", "مع أطيب التمنيات بالتوفيق والنجاح،", &["سامي مثال — الأمين العام"]),
        ("We thank you in advance.\n\nWith sporting greetings,\n\nAna Example\nSecretary General", "With sporting greetings,", &["Ana Example — Secretary General"]),
    ]);
}

#[test]
fn text_that_only_looks_like_a_foot_is_text() {
    for text in ["Contact\n\nMs Example, desk officer for the forms of the house, answers all questions about them.", "Thank you for your help."] {
        assert_eq!(wrong(&[(text, "", &[])]), Vec::<String>::new());
    }
}

#[test]
fn salutations_that_no_list_has_are_told_by_their_place() {
    let table = [
        ("Ваши Высокопреподобия, всечестные отцы!", true),
        ("Досточтимые отцы, братья и сестры!", true),
        ("¡Amigos del deporte!", true),
        ("Liebe Kolleginnen und Kollegen,", true),
        ("Estimades companyes i companys:", true),
        ("敬啟者：", true),
        ("敬启者：", true),
        ("تحية رياضية وبعد،،", true),
        ("تحية طيبة وبعد،", true),
        ("Chères consœurs, chers confrères,", true),
        ("Reverendos Padres:", true),
        ("Reply before 3 March 2022,", false),
    ];
    for (line, salutes) in table {
        let letter = read("x.txt", format!("{HEAD}{line}\n\n{TEXT}").as_bytes(), day(2021, 12, 10));
        assert_eq!(letter.salutation.map(|found| found.value).as_deref(), salutes.then_some(line), "{line}");
        assert_eq!(texts(&letter.to), ["Offices"], "{line}");
    }
}
