//! Phrases and days that are deadlines, and those that are none.

use super::{super::lines::lines, *};

mod tables;

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

/// Each text with its days, as letters of all six languages ask for them.
fn all_read(table: &[(&str, &[&str])]) {
    let read = table.iter().map(|(text, days)| (text, read(text), days)).filter(|(_, found, days)| found != *days);
    let wrong: Vec<String> =
        read.map(|(text, found, days)| format!("{text}\n  {found:?} instead of {days:?}")).collect();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn the_last_day_of_a_period_in_which_something_is_asked_for_is_a_deadline() {
    all_read(&[
        ("Members are to submit their votes between 1 March and 31 March 2022.", &["2022-03-31"]),
        ("On-line registration is open from 10 January 2022 to 28 February 2022.", &["2022-02-28"]),
        ("Nominations may be sent from 1 to 15 March 2022.", &["2022-03-15"]),
        ("faire parvenir ce rapport au Bureau entre le 1er juin et\nle 1er septembre 2022.", &["2022-09-01"]),
        ("Les candidats peuvent s'inscrire en ligne du 1er au 31 mars 2022.", &["2022-03-31"]),
        (
            "deben emitir su voto en el período comprendido entre el 14 de enero y el 13 de marzo de 2022",
            &["2022-03-13"],
        ),
        ("Las solicitudes deberán presentarse del 3 de enero al 4 de febrero de 2022.", &["2022-02-04"]),
        ("Заявки принимаются с 10 января по 20 февраля 2022 года.", &["2022-02-20"]),
        ("يمكن تقديم الطلبات من 3 يناير إلى 10 فبراير 2022.", &["2022-02-10"]),
        ("网上报名时间为2022年1月10日至2022年2月20日。", &["2022-02-20"]),
        (
            "Templates are to be submitted between 1 and 30 June 2022, and in any case before 3 July 2022.",
            &["2022-07-03"],
        ),
        ("Please register for the meeting, which will be held from 3 to 7 May 2022.", &[]),
        ("La réunion se tiendra du 3 au 7 mai 2022.", &[]),
        ("Семинар состоится с 10 по 14 мая 2022 года.", &[]),
        ("培训于2022年5月10日至14日举行。", &[]),
    ]);
}

#[test]
fn what_closes_is_what_an_addressee_has_to_do() {
    all_read(&[
        (
            "Registration is open. It closes on 17 April 2022 for members and on 24 April 2022 for guests.",
            &["2022-04-17", "2022-04-24"],
        ),
        ("The call for papers will close on 17 April 2022.", &["2022-04-17"]),
        ("The exhibition closes on 17 April 2022.", &[]),
        ("La campagne de vaccination sera close le 17 avril 2022.", &[]),
        ("Les inscriptions seront closes le 17 avril 2022.", &["2022-04-17"]),
        ("La inscripción se cerrará el 17 de abril de 2022.", &["2022-04-17"]),
        ("El ciclo comenzará el 1 de enero de 2022 y concluirá el 31 de diciembre de 2022.", &[]),
        ("Регистрация, ранее открытая до 1 апреля 2022 года, будет прекращена 17 апреля 2022 года.", &["2022-04-17"]),
        ("Прием заявок завершается 17 апреля 2022 г.", &["2022-04-17"]),
        ("يبدأ التسجيل يوم الأحد 3 أبريل 2022، وينتهي بنهاية دوام يوم الأحد الموافق 17 أبريل 2022", &["2022-04-17"]),
        ("报名将于2022年4月17日截止。", &["2022-04-17"]),
        ("Replies are due by 17 April 2022 for members and 24 April 2022 for others.", &["2022-04-17", "2022-04-24"]),
        ("avant le 17 avril 2022 pour les membres et le 24 avril 2022 pour les autres", &["2022-04-17", "2022-04-24"]),
    ]);
}

#[test]
fn the_place_of_a_clock_may_stand_between() {
    all_read(&[
        ("до 18:00 по алматинскому времени 18 апреля 2022 года", &["2022-04-18"]),
        ("by 5 p.m. Manila time on 18 April 2022", &["2022-04-18"]),
        ("by close of business (UTC+7) on 18 April 2022", &["2022-04-18"]),
        ("antes de las 17:00, hora de Lima, del 18 de abril de 2022", &["2022-04-18"]),
        ("avant 17 heures, heure de Paris, le 18 avril 2022", &["2022-04-18"]),
        ("قبل الساعة الخامسة مساء بتوقيت الدوحة يوم 18 أبريل 2022", &["2022-04-18"]),
        ("须在2022年4月18日协调世界时16时之前送达", &["2022-04-18"]),
        ("请于2022年4月18日（北京时间）17时前提交", &["2022-04-18"]),
    ]);
}

#[test]
fn a_day_given_by_mistake_gives_way_to_the_right_one() {
    all_read(&[
        (
            "se indicó por error que debían remitirse a más tardar el 18 de abril de 2022. La fecha correcta es el 11 de abril\nde 2022.",
            &["2022-04-11"],
        ),
        (
            "The date for the receipt of documents was wrongly given as 11 April 2022. It should read 14 April 2022.",
            &["2022-04-14"],
        ),
        (
            "La date limite indiquée par erreur, le 11 avril 2022, est inexacte. La date correcte est le 14 avril 2022.",
            &["2022-04-14"],
        ),
        (
            "В письме ошибочно указан срок представления 11 апреля 2022 года. Правильная дата: 14 апреля 2022 года.",
            &["2022-04-14"],
        ),
        ("ذكر خطأ أن آخر موعد هو 11 أبريل 2022. والصحيح 14 أبريل 2022.", &["2022-04-14"]),
        ("原通知截止日期误写为2022年4月11日，应为2022年4月14日。", &["2022-04-14"]),
        (
            "se consignó por error que la Reunión se celebraría el 2 de abril de 2022. La fecha correcta es el 3 de abril de 2022.",
            &[],
        ),
        ("deberá efectuarse hasta el 27 de abril de 2022 y no hasta el 26 de abril como se indicó", &["2022-04-27"]),
        ("by 27 April 2022 and not by 26 April 2022", &["2022-04-27"]),
        ("au plus tard le 27 avril 2022 et non le 26 avril 2022", &["2022-04-27"]),
        ("до 27 апреля 2022 года, а не до 26 апреля 2022 года", &["2022-04-27"]),
        (
            "le délai de réponse, fixé d'abord au 15 avril 2022 puis, par l'additif 1, au 20 avril 2022, est prolongé jusqu'au 27 avril 2022",
            &["2022-04-27"],
        ),
    ]);
}

#[test]
fn of_important_dates_those_by_which_something_is_to_be_done_count() {
    all_read(&[
        (
            "2. The important dates are as follows:\n\n   Online registration       18 April 2022\n   Visa support letter       11 April 2022 (1700 hrs Bangkok time)\n   Opening of the forum      20 May 2022\n",
            &["2022-04-18", "2022-04-11"],
        ),
        (
            "Просим обратить внимание на следующие сроки:\n\n16 апреля 2022 г.     Заявки на стипендии\n28 мая 2022 г.        Онлайновая регистрация\n8 июня 2022 г.        Открытие форума\n",
            &["2022-04-16", "2022-05-28"],
        ),
        (
            "Las fechas definitivas son las siguientes:\n\n– presentación de ponencias: 31 de julio de 2022 (en lugar de 10 de julio de 2022);\n– notificación de aceptación: 14 de septiembre de 2022;\n– entrega: a más tardar el 9 de octubre de 2022.\n",
            &["2022-07-31", "2022-10-09"],
        ),
        ("二、重要日期\n\n摘要提交截止：2022年7月20日\n论坛开幕：2022年9月1日\n", &["2022-07-20"]),
        (
            "Dates à retenir :\n\n- Inscription en ligne : 3 mars 2022\n- Séance d'ouverture : 9 mai 2022\n",
            &["2022-03-03"],
        ),
        ("التواريخ المهمة:\n\n- تقديم الملخصات: 3 مارس 2022\n- افتتاح المؤتمر: 9 مايو 2022\n", &["2022-03-03"]),
        (
            "Os recuerdo el calendario:\n\n- Asignación por los Departamentos: del 15 de marzo al 23 de abril de 2022.\n- Jornadas: del 2 al 4 de mayo de 2022.\n",
            &["2022-04-23"],
        ),
        (
            "The dates for the receipt of documents (12 July 2022) and of comments on them (26 July 2022) remain unchanged.",
            &["2022-07-12", "2022-07-26"],
        ),
        (
            "The deadline for contributions is seven days before the meeting, i.e. 30 April 2022 (1600 hours UTC).",
            &["2022-04-30"],
        ),
        ("La date limite est fixée à six semaines avant la session, c'est-à-dire le 30 avril 2022.", &["2022-04-30"]),
        ("se convoca a Asamblea General para el día jueves 26 de mayo de 2022, a las 18:00 horas", &[]),
        ("The hotel rate is guaranteed until 4 May 2022 only.", &[]),
        ("آخر موعد لاستلام المقترحات البحثية ١٥ مارس ٢٠٢٢م، على أن ترسل", &["2022-03-15"]),
    ]);
}
