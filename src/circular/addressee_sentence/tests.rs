//! Sentences and lines of addressees: where another begins, and what is refused.

use super::*;

#[test]
fn a_sentence_is_split_where_another_addressee_begins() {
    let table: [(&str, &[&str]); 33] = [
        ("A, B and C", &["A", "B", "C"]),
        (
            "Administrations of ITU Member States, Regulators, and Academia",
            &["Administrations of ITU Member States", "Regulators", "Academia"],
        ),
        (
            "the Administrations of Member States and to the Sector Members of Study Group 3",
            &["Administrations of Member States", "Sector Members of Study Group 3"],
        ),
        (
            "administrations des Etats Membres et aux Associés de la Commission d'études 7",
            &["administrations des Etats Membres", "Associés de la Commission d'études 7"],
        ),
        (
            "Administraciones, a los Miembros del Sector y a las Instituciones",
            &["Administraciones", "Miembros del Sector", "Instituciones"],
        ),
        ("Chairman and Vice-Chairmen of Study Group 3", &["Chairman and Vice-Chairmen of Study Group 3"]),
        ("Chairmen of ITU-T Study Groups 2, 3 and 5", &["Chairmen of ITU-T Study Groups 2, 3 and 5"]),
        ("Member States and Sector Members of the ITU", &["Member States and Sector Members of the ITU"]),
        ("A; B; C", &["A", "B", "C"]),
        ("A; B; and Regulators of Study Group 1", &["A", "B", "Regulators of Study Group 1"]),
        ("• Member States • Regulators", &["Member States", "Regulators"]),
        ("Администрациям Государств и Членам Сектора", &["Администрациям Государств", "Членам Сектора"]),
        (
            "Администрациям, Членам Сектора, Ассоциированным членам, принимающим участие в работе 6-й комиссии, и \
             Академическим организациям",
            &[
                "Администрациям",
                "Членам Сектора",
                "Ассоциированным членам, принимающим участие в работе 6-й комиссии",
                "Академическим организациям",
            ],
        ),
        (
            "Учредителям организаций, расположенных за пределами страны",
            &["Учредителям организаций, расположенных за пределами страны"],
        ),
        (
            "Министерствам и ведомствам, уполномоченным на координацию",
            &["Министерствам и ведомствам, уполномоченным на координацию"],
        ),
        ("Операторам связи, управляющим компаниям", &["Операторам связи", "управляющим компаниям"]),
        ("European Commission, DG FISMA; Joint Secretariat", &["European Commission, DG FISMA", "Joint Secretariat"]),
        (
            "Most Rev. D. Example, Director of Schools, Members of the Board",
            &["Most Rev. D. Example, Director of Schools", "Members of the Board"],
        ),
        ("Decanos, directores de centro y jefes de oficina", &["Decanos", "directores de centro", "jefes de oficina"]),
        ("Regulators (Kenya, Uganda), Academia", &["Regulators (Kenya, Uganda)", "Academia"]),
        ("Banks, established in the Union", &["Banks, established in the Union"]),
        ("Établissements, situés à l'étranger", &["Établissements, situés à l'étranger"]),
        ("Entidades, autorizadas por el Banco", &["Entidades, autorizadas por el Banco"]),
        (
            "致主管部门、部门成员、参加第5研究组工作的准成员和学术成员",
            &["主管部门", "部门成员", "参加第5研究组工作的准成员", "学术成员"],
        ),
        (
            "各省、自治区、直辖市人民政府，国务院各部委、各直属机构",
            &["各省、自治区、直辖市人民政府", "国务院各部委、各直属机构"],
        ),
        ("各成员国主管部门、ITU-T部门成员和学术成员", &["各成员国主管部门", "ITU-T部门成员", "学术成员"]),
        ("各市、县人民政府，省政府直属各单位", &["各市、县人民政府", "省政府直属各单位"]),
        ("各市、县人民政府", &["各市、县人民政府"]),
        ("各航空公司、各机场公司", &["各航空公司", "各机场公司"]),
        ("各省、自治区、直辖市人民政府、国务院各部委", &["各省、自治区、直辖市人民政府", "国务院各部委"]),
        ("主管部门、部门成员和参加第5研究组工作的准成员", &["主管部门", "部门成员", "参加第5研究组工作的准成员"]),
        ("إدارات الدول الأعضاء، والهيئات الأكاديمية", &["إدارات الدول الأعضاء", "الهيئات الأكاديمية"]),
        ("organizations, including observers", &["organizations, including observers"]),
    ];
    for (sentence, expected) in table {
        let found = split(sentence).unwrap();
        assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{sentence}");
        assert!(found.iter().all(|(text, at)| sentence[*at..].starts_with(text)), "{sentence}: {found:?}");
    }
}

#[test]
fn a_line_among_others_keeps_its_commas() {
    let table: [(&str, &[&str]); 3] = [
        ("Pastors, Vicars and Administrators", &["Pastors, Vicars and Administrators"]),
        ("Aux Préfets et aux Maires", &["Préfets", "Maires"]),
        ("Regulators; Academia", &["Regulators", "Academia"]),
    ];
    for (line, expected) in table {
        assert_eq!(split_line(line).into_iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{line}");
    }
}

#[test]
fn a_line_goes_on_where_the_one_above_is_not_whole() {
    let table = [
        ("Руководителям органов власти", "Министерства образования", true),
        ("Руководителям органов власти", "Российской Федерации", true),
        ("Руководителям органов власти", "Учредителям школ", false),
        ("Руководителям органов власти", "Губернатору области", false),
        ("各省、自治区财政厅（局），新疆财政局，", "税务总局各省税务局，海关总署各直属海关：", true),
        ("Members of the Board of", "Directors", true),
        ("Regulators (Kenya,", "Uganda)", true),
        ("Regulators", "(as per list)", true),
        ("les directeurs", "s/c de Madame la rectrice", false),
        ("Regulators", "Academia", false),
    ];
    for (before, next, joined) in table {
        assert_eq!(goes_on(before, next), joined, "{before} / {next}");
    }
}

#[test]
fn a_qualifier_at_the_end_of_a_list_is_refused_since_it_may_narrow_one_or_all() {
    let table: [(&str, &[&str]); 5] = [
        (
            "Administrations, Sector Members and Academia of the Africa region",
            &["Administrations", "Sector Members", "Academia of the Africa region"],
        ),
        (
            "Regulators, Associates participating in the work of Study Group 3",
            &["Regulators", "Associates participating in the work of Study Group 3"],
        ),
        (
            "To Administrations of Member States, Sector Members and Associates participating in Study Group 4",
            &["Administrations of Member States", "Sector Members", "Associates participating in Study Group 4"],
        ),
        ("Regulators, Member States and Sector Members and Academia", &[]),
        ("参加第5研究组工作的部门成员、准成员和学术成员", &["参加第5研究组工作的部门成员", "准成员", "学术成员"]),
    ];
    for (sentence, nearest) in table {
        let found = split(sentence).unwrap_err().nearest;
        assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), nearest, "{sentence}");
    }
}
