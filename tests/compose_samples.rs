//! Messages in six languages to awkward addressees, read back by parsers that are not ours (`tests/mail/check_mail.py`).

#![allow(clippy::unwrap_used)]

#[path = "mail/cost.rs"]
mod cost;

use std::{collections::BTreeMap, path::Path, process::Command};

use chrono::{DateTime, NaiveDate};
use circulard::{
    circular::{AddresseeLine, Form, Found, Head, Language, Letter, PrintedDate, Reference, Severity, Signatory, read},
    compose::{
        DeliveryKey, EncodedAnnex, Layout, Marked, MessageHead, Recipient, Rendered, Role, compose, content_type,
        render,
    },
};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

struct Sample {
    language: Language,
    letterhead: &'static [&'static str],
    place: &'static str,
    to: &'static [&'static str],
    subject: &'static str,
    salutation: &'static str,
    body: &'static str,
    closing: &'static str,
    mark: &'static str,
    signatory: (&'static str, &'static str),
}

const SAMPLES: [Sample; 6] = [
    Sample {
        language: Language::EN,
        letterhead: &["Telecommunication", "Development Bureau (BDT)"],
        place: "Geneva",
        to: &["Administrations of ITU Member States", "Regulators", "ITU-D Sector Members", "Academia"],
        subject: "Regional consultations on the safety of children online",
        salutation: "Dear Sir/Madam,",
        body: "Further to [Resolution 179](https://www.itu.example/res/179?lang=en&v=2), I am pleased to invite \
               {{ addressee.organization }} ({{ addressee.country }}) to the consultations listed below.\n\n\
               | Region | City | Seats |\n|:--|:--|--:|\n| Africa | Kigali | 120 |\n| Americas | Lima | 80 |\n\n\
               We would be grateful if you could:\n\n1. name **one focal point by 15 January 2027**;\n\
               2. send your contribution to cop@itu.example, quoting the [rules](#);\n\
               3. register at <https://register.itu.example/r?seat={{ addressee.seat }}>.\n\n\
               > Children have the right to be safe online.\n\nI look forward to working with you.",
        closing: "Yours faithfully,",
        mark: "[Original signed]",
        signatory: ("Ana Sample", "Director"),
    },
    Sample {
        language: Language::FR,
        letterhead: &["Bureau de développement", "des télécommunications (BDT)"],
        place: "Genève",
        to: &["Administrations des États Membres de l'UIT", "Régulateurs"],
        subject: "Consultations régionales sur la protection en ligne des enfants",
        salutation: "Madame, Monsieur,",
        body: "J'ai l'honneur d'inviter {{ addressee.organization }} aux consultations (voir \
               [le programme](https://www.itu.example/fr/programme)).\n\n- Écrivez à cop@itu.example ;\n- répondez \
               **avant le 15 janvier 2027**.",
        closing: "Veuillez agréer l'expression de ma considération distinguée.",
        mark: "(signé)",
        signatory: ("Ana Sample", "Directrice"),
    },
    Sample {
        language: Language::ES,
        letterhead: &["Oficina de Desarrollo", "de las Telecomunicaciones (BDT)"],
        place: "Ginebra",
        to: &["Administraciones de los Estados Miembros de la UIT"],
        subject: "Consultas regionales sobre la protección de la infancia en línea",
        salutation: "Muy Señora mía/Muy Señor mío:",
        body: "Me complace invitar a {{ addressee.organization }} a las consultas; véase \
               <https://www.itu.example/es/>.\n\n1. Envíe su contribución a cop@itu.example.",
        closing: "Le saluda atentamente,",
        mark: "(firmado)",
        signatory: ("Ana Sample", "Directora"),
    },
    Sample {
        language: Language::RU,
        letterhead: &["Бюро развития электросвязи (БРЭ)"],
        place: "Женева",
        to: &["Администрации Государств – Членов Союза", "Регуляторные органы"],
        subject: "Региональные консультации по защите ребенка в онлайновой среде",
        salutation: "Уважаемая госпожа,\nуважаемый господин,",
        body: "Имею честь пригласить {{ addressee.organization }} принять участие в консультациях, которые описаны \
               [на сайте](https://www.itu.example/ru/). Вопросы просьба направлять по адресу cop@itu.example.",
        closing: "С уважением,",
        mark: "[Оригинал подписан]",
        signatory: ("Анна Образцова", "Директор"),
    },
    Sample {
        language: Language::AR,
        letterhead: &["مكتب تنمية الاتصالات (BDT)"],
        place: "جنيف",
        to: &["إدارات الدول الأعضاء في الاتحاد", "هيئات تنظيم الاتصالات"],
        subject: "مشاورات إقليمية بشأن حماية الأطفال على الخط",
        salutation: "حضرات السادة والسيدات، تحية طيبة وبعد،",
        body: "يسرني أن أدعو {{ addressee.organization }} إلى المشاورات المبينة في \
               [الموقع الإلكتروني](https://www.itu.example/ar/) للاتحاد.\n\n1. إرسال المساهمات إلى العنوان \
               cop@itu.example.\n2. الرد **قبل 15 يناير 2027**.\n\n| المنطقة | المدينة |\n|---|---|\n| إفريقيا | كيغالي |",
        closing: "وتفضلوا بقبول فائق التقدير والاحترام.",
        mark: "(توقيع)",
        signatory: ("آنا سامبل", "المديرة"),
    },
    Sample {
        language: Language::ZH,
        letterhead: &["电信发展局（BDT）"],
        place: "日内瓦",
        to: &["国际电联各成员国主管部门", "监管机构"],
        subject: "关于保护上网儿童的区域磋商",
        salutation: "尊敬的先生/女士：",
        body: "谨邀请{{ addressee.organization }}参加区域磋商，详情请访问https://www.itu.example/zh/。\
               磋商将于**2027年1月15日（星期五）**开始，会议文件将在网站上公布，各成员国可在会前提交书面文稿并指定联系人。\n\n\
               1. 请将文稿发送至cop@itu.example。\n2. 请阅读[指南](https://www.itu.example/zh/guide)。",
        closing: "顺致敬意！",
        mark: "（原件已签）",
        signatory: ("安娜·桑普尔", "主任"),
    },
];

const ADDRESSEES: [(&str, &str); 7] = [
    ("Ministry of Communications, \"Postal\" Department (Dr. O'Neil)", "Ministry & Co. <b>"),
    ("<img src=x onerror=alert(1)>", "\"><a href=javascript:alert(1)>"),
    ("وزارة الاتصالات وتقنية المعلومات", "هيئة الاتصالات"),
    ("工业和信息化部国际合作司", "中国信息通信研究院"),
    ("👩‍👩‍👧‍👦 Família & Filhos — Agência Nacional de Telecomunicações do Brasil", "Família 👩‍👩‍👧‍👦"),
    ("Федеральная служба по надзору в сфере связи, информационных технологий", "{{ 7*7 }} | # H"),
    ("Office@home; list: a@b.example, c@d.example", "Bundesministerium für Digitales und Verkehr"),
];

fn found<T>(value: T) -> Option<Found<T>> {
    Some(Found { value, line: 1 })
}

fn letter(sample: &Sample) -> Letter {
    let line = |text: &&str| AddresseeLine { text: (*text).to_owned(), line: 1 };
    Letter {
        form: Form::Markdown,
        places: circulard::circular::Places::default(),
        head: Head::default(),
        language: sample.language,
        letterhead: sample.letterhead.iter().map(|text| Found { value: (*text).to_owned(), line: 1 }).collect(),
        remarks: vec![Found { value: "Contact: cop@itu.example".to_owned(), line: 1 }],
        reference: Reference::new("Circular BDT/DNS/DGS/112").and_then(found),
        supplement: None,
        place: found(sample.place.to_owned()),
        date: found(PrintedDate::Day(NaiveDate::from_ymd_opt(2026, 12, 3).unwrap())),
        to: sample.to.iter().map(line).collect(),
        copy: Vec::new(),
        subject: found(sample.subject.to_owned()),
        salutation: found(sample.salutation.to_owned()),
        body: Found { value: sample.body.to_owned(), line: 1 },
        closing: found(sample.closing.to_owned()),
        signature_mark: found(sample.mark.to_owned()),
        signatories: vec![Signatory {
            name: sample.signatory.0.to_owned(),
            title: Some(sample.signatory.1.to_owned()),
            line: 1,
        }],
        after_signature: None,
        annexes: None,
        deadlines: Vec::new(),
        problems: Vec::new(),
    }
}

fn rendered(sample: &Sample) -> Rendered {
    render(&letter(sample), &Layout::builtin(), Marked::No).unwrap()
}

fn head() -> MessageHead {
    MessageHead {
        from_name: Some("ITU BDT".into()),
        from_address: "bdtmail@itu.example".into(),
        reply_to: vec!["cop@itu.example".into()],
        domain: "bounces.itu.example".into(),
        list_id: "bdt.list.itu.example".into(),
        date: DateTime::parse_from_rfc3339("2026-12-07T09:00:00+01:00").unwrap(),
    }
}

fn fields(organization: &str) -> BTreeMap<String, String> {
    [("organization", organization), ("country", "Côte d'Ivoire"), ("seat", "A 12/é")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Up to three annexes, each with something awkward; what they hold lies in `annexes/` beside the messages.
fn write_annexes(folder: &Path) -> Vec<EncodedAnnex> {
    let kept = folder.join("annexes");
    std::fs::create_dir(&kept).unwrap();
    let every_octet: Vec<u8> = (0..=u8::MAX).cycle().take(5000).collect();
    let files = [
        ("policy \"brief\".pdf", every_octet.as_slice()),
        (
            "Réponse – formulaire à renvoyer avant le 15 janvier 2027 (délégations et observateurs).csv",
            "é;1\n=_\r\n".as_bytes(),
        ),
        ("附件一.docx", b"PK"),
    ];
    let annexes = files.iter().map(|(name, octets)| {
        std::fs::write(kept.join(name), octets).unwrap();
        EncodedAnnex::new(name, &content_type(name, octets), octets).unwrap()
    });
    annexes.collect()
}

fn write_messages(folder: &Path) -> usize {
    let annexes = write_annexes(folder);
    let mut written = 0;
    for sample in &SAMPLES {
        let rendered = rendered(sample);
        for (index, (name, organization)) in (0_i64..).zip(ADDRESSEES) {
            let fields = fields(organization);
            let role = if index % 3 == 2 { Role::Copy } else { Role::To };
            let address = format!("office-{index}@{}.example", sample.language);
            let recipient = Recipient {
                address: &address,
                name: Some(name),
                salutation: (index == 0).then_some("Excellency"),
                role,
                fields: &fields,
            };
            let key = DeliveryKey {
                key: &[7; 32],
                circular: sample.language.code(),
                issue: 1,
                delivery: index,
                references: (index == 1).then_some("<bdt-111.1.abc@bounces.itu.example>"),
            };
            let message = compose(&rendered, &head(), &key, &recipient, &annexes[..index as usize % 4]).unwrap();
            std::fs::write(folder.join(format!("{}-{index}.eml", sample.language)), message.octets).unwrap();
            written += 1;
        }
    }
    written
}

fn check(folder: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/check_mail.py");
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .arg(folder)
        .output()
        .expect("/usr/bin/python3 is needed, with html5lib: apt-get install python3 python3-html5lib tidy");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

#[test]
fn independent_parsers_find_no_defect_in_messages_of_six_languages() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_messages(folder.path());
    let (success, said) = check(folder.path());
    assert!(success, "{said}");
    assert_eq!(said.trim(), format!("{written} messages, 0 defects"));
}

/// Every letter of `tests/letters` and the sample, as read from its file: what is ready to be sent can be composed.
#[test]
fn independent_parsers_find_no_defect_in_the_letters_as_staff_write_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let letters = std::fs::read_dir(root.join("tests/letters")).unwrap().map(|entry| entry.unwrap().path());
    let fields = fields("Ministry of Communications");
    let recipient =
        Recipient { address: "a@b.example", name: Some("M"), salutation: None, role: Role::To, fields: &fields };
    let today = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let mut written = 0;
    for path in letters.chain([root.join("templates/_sample.txt")]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let letter = read(name, &std::fs::read(&path).unwrap(), today);
        if name.ends_with(".json") || letter.problems.iter().any(|problem| problem.severity == Severity::Error) {
            continue;
        }
        let rendered =
            render(&letter, &Layout::builtin(), Marked::No).unwrap_or_else(|found| panic!("{name}: {found:?}"));
        let key = DeliveryKey { key: &[7; 32], circular: name, issue: 1, delivery: 1, references: None };
        let message =
            compose(&rendered, &head(), &key, &recipient, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        std::fs::write(folder.path().join(format!("{name}.eml")), message.octets).unwrap();
        if let Some(kept) = std::env::var_os("KEPT") {
            std::fs::write(Path::new(&kept).join(format!("{name}.txt")), rendered.preview_text(&recipient).unwrap())
                .unwrap();
            std::fs::write(Path::new(&kept).join(format!("{name}.html")), rendered.preview_html(&recipient).unwrap())
                .unwrap();
        }
        written += 1;
    }
    let (success, said) = check(folder.path());
    assert!(success && written > 10, "{written} letters: {said}");
}

/// Letters and lists made of whatever a keyboard, a converter or an attacker can produce, always the same ones.
#[test]
fn independent_parsers_find_no_defect_in_messages_made_of_anything() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let any = "[ -~¡-ӿ؀-ۿऀ-෿฀-๿က-႟가-힯一-龥　-〿！-～😀-🙏🇦-🇿\u{200d}]";
    let words = format!(
        "({any}|[ \\n*_#`|:.,;!?&'\"()\\[\\]+-]|\\n\\n|\\n- |\\n1\\. |\\n> |\\n\\|a\\|b\\|\\n\\|-\\|-\\|\\n\\|c\\|d\\|\\n\
         |https?://x\\.example/{any}{{3}}|a@b\\.example|[a-z]{{1,9}} |[ا-ي]{{1,9}} |[一-龥]{{1,9}}){{1,80}}"
    );
    let (subjects, names, values) = (format!("{any}{{1,120}}"), format!("{any}{{0,80}}"), format!("{any}{{1,40}}"));
    let anything = (words.as_str(), subjects.as_str(), names.as_str(), values.as_str());
    let mut written = 0;
    for number in 0..250 {
        let (body, subject, name, value) = anything.new_tree(&mut runner).unwrap().current();
        let sample = &SAMPLES[number % SAMPLES.len()];
        let mut letter = letter(sample);
        letter.form = if number % 2 == 0 { Form::Markdown } else { Form::Text };
        letter.body.value = format!("{body}\n\n{{{{ addressee.organization }}}}");
        letter.subject = found(subject);
        let Ok(rendered) = render(&letter, &Layout::builtin(), Marked::No) else { continue };
        let fields = fields(&value);
        let recipient =
            Recipient { address: "a@b.example", name: Some(&name), salutation: None, role: Role::To, fields: &fields };
        let delivery = i64::try_from(number).unwrap();
        let key = DeliveryKey { key: &[7; 32], circular: "x", issue: 1, delivery, references: None };
        let Ok(message) = compose(&rendered, &head(), &key, &recipient, &[]) else { continue };
        std::fs::write(folder.path().join(format!("{number}.eml")), message.octets).unwrap();
        written += 1;
    }
    let (success, said) = check(folder.path());
    assert!(success, "{said}");
    assert!(written > 100, "{said}");
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let sample = &SAMPLES[0];
    let fields = fields("Ministry");
    let recipient =
        Recipient { address: "a@b.example", name: Some("M"), salutation: None, role: Role::To, fields: &fields };
    let key = DeliveryKey { key: &[7; 32], circular: "x", issue: 1, delivery: 1, references: None };
    std::fs::create_dir(folder.path().join("annexes")).unwrap();
    std::fs::write(folder.path().join("annexes/a.csv"), "a;b;c").unwrap();
    let annexes = [EncodedAnnex::new("a.csv", "text/csv", b"a;b;c").unwrap()];
    let good = compose(&rendered(sample), &head(), &key, &recipient, &annexes).unwrap().octets;
    let good = String::from_utf8(good).unwrap();
    for (breach, bad) in [
        ("not the file that was attached", good.replacen("YTtiO2M=", "YTtiO2Q=", 1)),
        ("a.csv is encoded as 7bit", good.replacen("Encoding: base64", "Encoding: 7bit", 1)),
        ("an annex is inline", good.replacen("attachment; filename", "inline; filename", 1)),
        ("a field bcc", good.replacen("\r\nTo: ", "\r\nBcc: <x@y.example>\r\nTo: ", 1)),
        ("0 fields date", good.replacen("Date: ", "X-Date: ", 1)),
        ("to has 2 addresses", good.replacen("<a@b.example>", "<a@b.example>, <c@d.example>", 1)),
        ("bare CR or LF", good.replacen("\r\n\r\n", "\r\n\r\n\n", 1)),
        ("exactly one CRLF", format!("{good}\r\n")),
        ("octets", good.replacen("Dear", &"x".repeat(1000), 1)),
        ("html5lib", good.replacen("</h1>", "</h2>", 1)),
        ("an element img", good.replacen("<h1", "<img alt=3Dx src=3Dx><h1", 1)),
        ("lacks the link", good.replacen("res/179?lang=", "res/180?lang=", 1)),
        ("lang is", good.replacen("Content-Language: en", "Content-Language: fr", 1)),
    ] {
        assert_ne!(bad, good, "{breach}");
        std::fs::write(folder.path().join("bad.eml"), bad).unwrap();
        let (success, said) = check(folder.path());
        assert!(!success && said.contains(breach), "{breach}: {said}");
    }
}

/// What a copy in each language looks like. After a wanted change: `BLESS=1 cargo test --test compose_samples`, then
/// look at the pages in `tests/mail/golden` and at the difference.
#[test]
fn letters_in_six_languages_look_as_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/golden");
    for sample in &SAMPLES {
        let fields = fields("Ministry of Communications");
        let recipient =
            Recipient { address: "a@b.example", name: None, salutation: None, role: Role::Copy, fields: &fields };
        let rendered = rendered(sample);
        for (form, found) in
            [("html", rendered.preview_html(&recipient).unwrap()), ("txt", rendered.preview_text(&recipient).unwrap())]
        {
            let path = folder.join(format!("{}.{form}", sample.language));
            if std::env::var_os("BLESS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &found).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(found, golden, "{} is not what is composed", path.display());
        }
    }
}
