//! Days in tables, and days that stand instead of others.

use super::all_read;

#[test]
fn cells_of_a_table_are_read_by_their_own_phrases() {
    all_read(&[
        (
            "| Этап | Срок |\n|---|---|\n| Приём заявок | до 15 января 2022 г., 23:59 |\n| Объявление итогов | 24 мая 2022 г. |",
            &["2022-01-15"],
        ),
        ("| 阶段 | 时间 |\n|---|---|\n| 报名 | 2022年1月15日前 |\n| 决赛 | 2022年5月12日 |", &["2022-01-15"]),
        (
            "| 序号 | 工作内容 | 时间要求 |\n|:--:|---|---|\n| 1 | 学生网上申请 | 1月20日至1月27日 |\n| 2 | 评审会议 | 3月1日至3月4日 |",
            &["2022-01-27"],
        ),
        (
            "| Step | When |\n|---|---|\n| Registration | by 15 January 2022 |\n| Meeting | 1 to 4 March 2022 |",
            &["2022-01-15"],
        ),
        (
            "| Étape | Quand |\n|---|---|\n| Retour du questionnaire | au plus tard le 15 janvier 2022 |\n| Atelier | 3 mars 2022 |",
            &["2022-01-15"],
        ),
    ]);
}

#[test]
fn what_stays_open_in_chinese_and_russian_ends_on_its_day() {
    all_read(&[
        ("主办方在两家酒店预留客房至2022年1月15日，预订表见附件二。", &["2022-01-15"]),
        ("所需资料最迟应于2022年1月15日协调世界时24时送达无线电通信局。", &["2022-01-15"]),
        ("Заявления принимаются Государственным протоколом по 15 января 2022 года.", &["2022-01-15"]),
        ("展览开放至2022年1月15日。", &[]),
    ]);
}

#[test]
fn a_day_stands_instead_of_another_and_a_verb_before_what_it_closes() {
    all_read(&[
        (
            "Le délai d'inscription n'est pas le 3 janvier 2022, mais le lundi 10 janvier 2022 à minuit.",
            &["2022-01-10"],
        ),
        ("The deadline is not 3 January 2022 but 10 January 2022.", &["2022-01-10"]),
        ("El plazo de inscripción no es el 3 de enero de 2022, sino el 10 de enero de 2022.", &["2022-01-10"]),
        ("Срок подачи заявок – не 3 января 2022 г., а 10 января 2022 г.", &["2022-01-10"]),
        (
            "La fecha límite, fijada inicialmente en el 3 de enero de 2022, queda aplazada al 10 de enero de 2022.",
            &["2022-01-10"],
        ),
        ("وينتهي التسجيل الإلكتروني في 10 يناير 2022.", &["2022-01-10"]),
        ("Завершается регистрация участников 10 января 2022 года.", &["2022-01-10"]),
        ("Завершается сессия совета 10 января 2022 года.", &[]),
        ("El registro se hará en un plazo que no exceda del 10 de enero de 2022.", &["2022-01-10"]),
        ("que las memorias obraran en poder de la Oficina entre el 3 y el 10 de enero de 2022", &["2022-01-10"]),
        (
            "Members were asked to reply before 3 January 2022. The deadline has been extended and now reads 10 January 2022.",
            &["2022-01-10"],
        ),
        (
            "En el cuadro de plazos se deslizó un error. Debe decir lo siguiente:\n\n3 de enero de 2022   –  Becas\n10 de enero de 2022  –  Visados",
            &["2022-01-03", "2022-01-10"],
        ),
    ]);
}
