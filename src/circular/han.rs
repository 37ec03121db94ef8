//! Chinese characters of two scripts: 號 is 号, as a reader in either takes it.
//!
//! Only characters that letters print in labels, numbers, dates and names of offices stand here; each has one simplified
//! form. What a letter prints is never changed.

use std::sync::LazyLock;

/// Traditional forms, in the order of their code.
const TRADITIONAL: &str = "並來個値備傳億內兩則劃務區協參員啓啟單國執報場壓奧婦學實寫將專尋對導屆層屬島師帶\
    幣幫幹廠廢廣廳張彙後從復徵憑應戶換損擁擔據擬擴攝敎敘數斷於時曆書會東條業構樓標機\
    檔檢權歐歲歸氣淸準滿漢澤濟灣為無煙營爲獎獨現瑪環產産畫異當療發盡監眞眾礎稅種稱積\
    競筆節範簡簽糧紀約納純紙級細終組結絕絡給統經維網緊線編縣總織繳繼續聯職聽脫腦臨臺\
    與舉舊華萬藝藥處號衆術衛裏補裡製複覆見規視覽觀訂計訊訓託記訪設許評詞詢試話該詳誌\
    認誠誤說説調談請論諮謝謹證譯議護讀變讓負財貨責貴費貿賀資質購贊軍較載輔輸轉辦辭農\
    連週進運過達違遞遠適遲選遺還邊郵鄉醫釋針銀銷錄錯鎮鐘鐵長門閉開間閱關陳陸陽隊階際\
    隨險隱雙離難雲電靈響頁項順預頒頓領頭題額願類顧風飛養館馬駐騰驗體鮮麗麥黃點黨齊";

/// The simplified form of each, in the same order.
const SIMPLIFIED: &str = "并来个值备传亿内两则划务区协参员启启单国执报场压奥妇学实写将专寻对导届层属岛师带\
    币帮干厂废广厅张汇后从复征凭应户换损拥担据拟扩摄教叙数断于时历书会东条业构楼标机\
    档检权欧岁归气清准满汉泽济湾为无烟营为奖独现玛环产产画异当疗发尽监真众础税种称积\
    竞笔节范简签粮纪约纳纯纸级细终组结绝络给统经维网紧线编县总织缴继续联职听脱脑临台\
    与举旧华万艺药处号众术卫里补里制复复见规视览观订计讯训托记访设许评词询试话该详志\
    认诚误说说调谈请论咨谢谨证译议护读变让负财货责贵费贸贺资质购赞军较载辅输转办辞农\
    连周进运过达违递远适迟选遗还边邮乡医释针银销录错镇钟铁长门闭开间阅关陈陆阳队阶际\
    随险隐双离难云电灵响页项顺预颁顿领头题额愿类顾风飞养馆马驻腾验体鲜丽麦黄点党齐";

/// The first and the last character of the range that the table spans.
const FIRST: u32 = 0x4e00;
const LAST: u32 = 0x9fff;

static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut table: Vec<char> = (FIRST..=LAST).filter_map(char::from_u32).collect();
    for (from, to) in TRADITIONAL.chars().zip(SIMPLIFIED.chars()) {
        if let Some(place) = (from as u32).checked_sub(FIRST).and_then(|at| table.get_mut(at as usize)) {
            *place = to;
        }
    }
    table
});

/// The simplified form of a character, or the character itself.
pub(super) fn simplified(c: char) -> char {
    (c as u32).checked_sub(FIRST).and_then(|at| TABLE.get(at as usize)).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_traditional_form_has_one_simplified_form_and_others_stay() {
        assert_eq!(TRADITIONAL.chars().count(), SIMPLIFIED.chars().count());
        assert!(TRADITIONAL.chars().all(|c| (FIRST..=LAST).contains(&(c as u32))));
        for (from, to) in [('號', '号'), ('檔', '档'), ('發', '发'), ('号', '号'), ('的', '的'), ('a', 'a')] {
            assert_eq!(simplified(from), to);
        }
    }
}
