//! Phrases and days that are deadlines, and those that are none.

use super::{super::lines::lines, *};

fn read(text: &str) -> Vec<String> {
    let from = NaiveDate::from_ymd_opt(2021, 12, 3).unwrap();
    deadlines(&lines(text), from).0.into_iter().map(|found| found.value.to_string()).collect()
}

#[test]
fn phrases_of_six_languages_make_a_day_a_deadline() {
    let table = [
        "Please reply by 15 January 2022.",
        "Please reply by Friday, 15 January 2022",
        "Please reply **by 15 January 2022**.",
        "reach the Bureau not later than 15 January 2022",
        "in any event no later than 1700 hours (Geneva time) on 15 January 2022",
        "by 2400 hours UTC on 15 January 2022",
        "before 15 January 2022",
        "on or before January 15, 2022",
        "received 15 January 2022 at the latest",
        "Registration is open until 15 January 2022",
        "The deadline for contributions is 15 January 2022.",
        "Deadline: 15 January 2022",
        "avant le 15 janvier 2022",
        "au plus tard le vendredi 15 janvier 2022 à 16 heures UTC",
        "d'ici au 15 janvier 2022",
        "La date limite est fixée au 15 janvier 2022.",
        "antes del 15 de enero de 2022",
        "a más tardar el 15 de enero de 2022",
        "La fecha límite es el 15 de enero de 2022",
        "не позднее 15 января 2022 года",
        "до 15 января 2022 г.",
        "في موعد لا يتجاوز 15 يناير 2022",
        "قبل 15 يناير 2022",
        "请于2022年1月15日之前答复",
        "不迟于2022年1月15日",
        "截止日期为2022年1月15日",
        "by 15\nJanuary 2022",
        "请于2022年1月15日17:00前登录系统",
        "应于2022年1月15日（星期六）前答复",
        "並於2022年1月15日或之前落實",
        "最遲於2022年1月15日答覆",
        "截止日期為2022年1月15日",
        "خلال موعد لا يتجاوز 15 كانون الثاني 2022",
        "موعد أقصاه 15 يناير 2022",
        "حتى نهاية دوام يوم 15 يناير 2022",
        "El vencimiento para la presentación operará el 15 de enero de 2022.",
        "El plazo vence el 15 de enero de 2022",
        "le samedi 15 janvier 2022 à 16 heures au plus tard",
        "Deadline for registration          15 January 2022",
        "The last date for receipt of applications is 15 January 2022",
        "no later than 15 January 2022",
        "a más tardar el 15 de enero de 2022, al correo electrónico ceremonial@rree.example",
        "confirmar la asistencia de los señores Jefes de Misión y sus cónyuges, a más tardar el 15 de enero de 2022, al correo",
        "antes de las 14.00 horas del 15 de enero de 2022",
        "hasta las 14.00 horas del 15 de enero de 2022",
        "validarán los datos a más tardar el viernes 15 de enero de 2022. No se concederán",
        "avant 14 h 00 le 15 janvier 2022",
        "avant le vendredi 15 janvier 2022 à minuit",
        "au plus tard le 15 janvier 2022, au courriel suivant",
        "не позднее 18 часов 15 января 2022 года",
        "до 18:00 (мск) 15 января 2022 г.",
        "до 18 часов 00 минут 15 января 2022 года",
        "before 5.00 p.m. on 15 January 2022",
        "by noon (CET) on Saturday, 15 January 2022",
        "by close of business on 15 January 2022",
        "by COB 15 January 2022",
        "before the close of 15 January 2022",
        "en date du 15 janvier 2022 au plus tard",
        "pour le 15 janvier 2022 au plus tard",
        "قبل الساعة الثانية من ظهر يوم 15 يناير 2022",
        "في موعد أقصاه يوم الخميس الموافق 15 يناير 2022",
        "قبل نهاية دوام يوم الخميس الموافق 15 يناير 2022",
        "请于2022年1月15日（周六）下午5时前报送",
        "务必于2022年1月15日24时前完成",
        "于2022年1月15日下班前反馈",
        "至迟于2022年1月15日",
        "報名至2022年1月15日止",
        "Срок подачи заявок – 15 января 2022 года",
    ];
    let missed: Vec<&str> = table.into_iter().filter(|text| read(text) != ["2022-01-15"]).collect();
    assert_eq!(missed, Vec::<&str>::new());
}

#[test]
fn a_day_without_its_year_is_the_next_such_day_after_the_letters_date() {
    let table = [
        ("Please reply by 15 December.", "2021-12-15"),
        ("Please reply by December 15, at noon.", "2021-12-15"),
        ("Please reply by 15 January.", "2022-01-15"),
        ("Prière de répondre d'ici au 1er janvier.", "2022-01-01"),
        ("avant le 15 décembre", "2021-12-15"),
        ("antes del 15 de diciembre", "2021-12-15"),
        ("не позднее 15 декабря", "2021-12-15"),
        ("قبل 15 ديسمبر", "2021-12-15"),
        ("请于12月15日之前答复", "2021-12-15"),
        ("Deadline: 29 February", "2024-02-29"),
        ("Key deadlines:\n\n- Visa: 3 March", "2022-03-03"),
        ("The deadline has been extended from 10 December to 15 December.", "2021-12-15"),
    ];
    for (text, day) in table {
        assert_eq!(read(text), [day], "{text}");
    }
    for text in
        ["by 15 offices", "the meeting of 15 December", "from 10 until 15 December", "by December", "by 31 June"]
    {
        assert_eq!(read(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_deadline_that_is_moved_a_period_that_ends_and_a_dash_name_the_day() {
    let table = [
        "The deadline for registration has been extended from 1 January 2022 to 15 January 2022.",
        "La date limite est reportée du 1er janvier 2022 au 15 janvier 2022.",
        "El plazo ha sido prorrogado del 1 de enero de 2022 al 15 de enero de 2022.",
        "Срок представления перенесен с 1 января 2022 года на 15 января 2022 года.",
        "The consideration period shall extend for two months ending on 15 January 2022.",
        "Registration closes on 15 January 2022.",
        "Крайний срок регистрации – 15 января 2022 года.",
    ];
    for text in table {
        assert_eq!(read(text), ["2022-01-15"], "{text}");
    }
    for text in
        ["The meeting was postponed from 1 January 2022 to 15 January 2022.", "A meeting ending on 15 January 2022"]
    {
        assert_eq!(read(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn months_years_spans_and_mentions_are_no_deadlines() {
    let table = [
        "until December 2020",
        "in January 2022",
        "founded by 2021",
        "initiated in August 2021",
        "the meeting of 15 January 2022",
        "before the meeting on 15 January 2022",
        "from 10 January until 15 January 2022",
        "by letter of 15 January 2022",
        "held from 9 to 15 January 2022",
        "before 9-15 January 2022",
        "с 10 до 15 января 2022 года",
        "The deadline for the meeting on 15 January 2022 has not been set",
        "Agreements concluded before 15 January 2022 may run until they expire",
        "Le mandat des membres arrive à échéance le 15 janvier 2022",
        "Договоры, заключенные до 15 января 2022 года, действуют",
        "العقود المبرمة قبل 15 يناير 2022",
        "2022年1月15日上午前往会场",
        "截至2022年1月15日，已有多家单位报名",
        "自2022年1月15日起实施",
        "会议定于2022年1月15日（周六）上午召开",
        "La ceremonia se ofrecerá el 15 de enero de 2022, a las 11.00 horas",
        "Le service sera ouvert à partir du 15 janvier 2022",
        "Форма представляется начиная с 15 января 2022 года",
        "يعقد الاجتماع يوم السبت 15 يناير 2022 في الساعة العاشرة",
        "The rules apply from 15 January 2022",
        "",
    ];
    for text in table {
        assert_eq!(read(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn lines_below_a_heading_that_begin_with_a_day_are_read_up_to_the_act() {
    let text =
        "Key deadlines:\n\n2026-10-01   Papers for the meeting of 1 December 2026\nFriday, 30 October 2026: Visas\n";
    assert_eq!(read(text), ["2026-10-01", "2026-10-30"]);
    assert_eq!(read("Key deadlines:\n\nThe meeting opens on 9 May 2022.\n"), Vec::<String>::new());
}

#[test]
fn a_list_or_table_headed_deadlines_holds_them() {
    assert_eq!(
        read(
            "Key deadlines:\n\n- Registration: 1 February 2022\n- Visa: 3 March 2022\n\nThe meeting opens on 9 May 2022."
        ),
        ["2022-02-01", "2022-03-03"]
    );
    assert_eq!(read("Please note these deadlines:\n\n- Visa: 3 March 2022\n"), ["2022-03-03"]);
    assert_eq!(
        read("| Act | Deadline | Opens |\n|---|---|---|\n| Visa | 3 March 2022 | 1 January 2022 |\n"),
        ["2022-03-03"]
    );
}

#[test]
fn a_day_that_another_takes_the_place_of_is_none() {
    let table = [
        "Вместо слов «до 4 января 2022 года» следует читать «до 15 января 2022 года».",
        "Instead of \"by 4 January 2022\" read \"by 15 January 2022\".",
        "Read \"by 15 January 2022\" instead of \"by 4 January 2022\".",
        "Au lieu de « avant le 4 janvier 2022 », lire « avant le 15 janvier 2022 ».",
        "Donde dice «antes del 4 de enero de 2022», debe decir «antes del 15 de enero de 2022».",
        "将截止日期2022年1月4日改为2022年1月15日之前。",
        "The deadline of 4 January 2022 has been extended to 15 January 2022.",
    ];
    for text in table {
        assert_eq!(read(text), ["2022-01-15"], "{text}");
    }
}

#[test]
fn a_line_that_names_deadlines_heads_the_days_below_it() {
    let days = ["2022-02-01", "2022-03-03"];
    for text in [
        "Deadlines for the submission of papers\n\n- Registration: 1 February 2022\n- Visa: 3 March 2022\n",
        "Act                 Deadline\nRegistration        1 February 2022\nVisa                3 March 2022\n",
        "in the table of deadlines of the letter\nof 15 June 2021, read:\n\n  1 February 2022   – Visa\n  3 March 2022   – Fee\n",
        "## Delais de dépôt\n\nDossiers ...... 1er février 2022\n\nPaiement ...... 3 mars 2022\n",
        "| Registration deadline | 1 February 2022 |\n|---|---|\n| Deadline for visas | 3 March 2022 |\n| Opening | 9 May 2022 |\n",
    ] {
        assert_eq!(read(text), days, "{text}");
    }
}
