"""受付の点検: 届書ごとの年齢・資格・免除・年金コード・月の決まり。指摘は人が判断するためのもので、受付は断られない。"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import kit
import pytest

from etl.site import Site

ON = date(2026, 11, 5)

CASES = kit.table("""
| 事例                                                   | 届 | 生年月日   | 住民 | 資格                              | 免除                 | 受付                                             | 指摘                                         |
|--------------------------------------------------------|----|------------|------|-----------------------------------|----------------------|--------------------------------------------------|----------------------------------------------|
| 任意加入　60歳に達した日から国内で                     | 07 | 1966-11-06 | 1    |                                   |                      | shubetsu_code=4                                  |                                              |
| 任意加入　60歳に達する前の日は国内では受給権者だけ     | 07 | 1966-11-07 | 1    |                                   |                      | shubetsu_code=4                                  | 60歳未満の国内居住（老齢給付等の受給権者に限る） |
| 任意加入　国外なら20歳から                             | 07 | 1990-01-01 | 2    |                                   |                      | shubetsu_code=4                                  |                                              |
| 任意加入　20歳に達する前                               | 07 | 2006-11-07 | 2    |                                   |                      | shubetsu_code=4                                  | 年齢                                         |
| 任意加入　65歳に達する前の日                           | 07 | 1961-11-07 | 1    |                                   |                      | shubetsu_code=4                                  |                                              |
| 任意加入　65歳に達した日からは特例だけ                 | 07 | 1961-11-06 | 1    |                                   |                      | shubetsu_code=4                                  | 65歳以上（特例任意加入（種別5）に限る）      |
| 特例任意加入　65歳に達した日から                       | 07 | 1961-11-06 | 1    |                                   |                      | shubetsu_code=5                                  |                                              |
| 特例任意加入　国外からも                               | 07 | 1961-11-06 | 2    |                                   |                      | shubetsu_code=5                                  |                                              |
| 特例任意加入　65歳に達する前の日                       | 07 | 1961-11-07 | 1    |                                   |                      | shubetsu_code=5                                  | 65歳未満（特例任意加入（種別5）はできない）  |
| 特例任意加入　70歳に達した日                           | 07 | 1956-11-06 | 1    |                                   |                      | shubetsu_code=5                                  | 年齢                                         |
| 任意加入　60歳の喪失が承認待ちの第1号は資格なしとする  | 07 | 1966-11-06 | 1    | 1/2015-04-01                      |                      | shubetsu_code=4                                  |                                              |
| 任意加入　60歳に達する前の第1号                        | 07 | 1966-11-07 | 2    | 1/2015-04-01                      |                      | shubetsu_code=4                                  | 資格あり                                     |
| 任意加入　60歳に達していても任意加入が続いている       | 07 | 1966-11-06 | 1    | 4/2026-01-01                      |                      | shubetsu_code=4                                  | 資格あり                                     |
| 喪失届　厚生年金                                       | 02 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | jiyu_code=54                                     |                                              |
| 喪失届　死亡による                                     | 02 | 1990-01-01 | 3    | 1/2015-04-01                      |                      | jiyu_code=51                                     | 死亡・60歳到達による喪失に届出は要らない     |
| 喪失届　60歳到達による                                 | 02 | 1966-11-06 | 1    | 1/2015-04-01                      |                      | jiyu_code=53                                     | 死亡・60歳到達による喪失に届出は要らない     |
| 法定免除　始期は書かなくてよい                         | 31 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-01                             |                                              |
| 法定免除　始期は該当日の前月                           | 31 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-30 menjo_from_month=2026-10-01 |                                              |
| 法定免除　始期が該当日の月                             | 31 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-01 menjo_from_month=2026-11-01 | 免除始期（該当年月日の前月でない）           |
| 法定免除　年をまたぐ前月                               | 31 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-01-31 menjo_from_month=2025-12-01 |                                              |
| 法定免除　前月だけ第1号だった                          | 31 | 1990-01-01 | 1    | 1/2015-04-01~2026-11-02           |                      | gaitou_on=2026-11-01                             |                                              |
| 法定免除　前月より前に喪失した                         | 31 | 1990-01-01 | 1    | 1/2015-04-01~2026-10-31           |                      | gaitou_on=2026-11-01                             | 資格なし                                     |
| 法定免除　60歳を過ぎてから60歳前の月を届け出る         | 31 | 1966-05-06 | 1    | 1/2015-04-01~2026-05-05           |                      | gaitou_on=2026-04-10                             |                                              |
| 法定免除　任意加入                                     | 31 | 1963-01-01 | 1    | 4/2024-01-01                      |                      | gaitou_on=2026-11-01                             | 任意加入の期間（第1号の期間に限る）          |
| 法定免除消滅　該当しなくなった月に第1号                | 32 | 1990-01-01 | 1    | 1/2015-04-01~2026-11-02           |                      | gaitou_on=2026-10-31                             |                                              |
| 法定免除消滅　喪失した月                               | 32 | 1990-01-01 | 1    | 1/2015-04-01~2026-10-02           |                      | gaitou_on=2026-10-31                             | 資格なし                                     |
| 免除　資格が続いている                                 | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      |                                                  |                                              |
| 免除　申請する月の後に喪失した                         | 41 | 1990-01-01 | 1    | 1/2015-04-01~2026-09-10           |                      |                                                  |                                              |
| 免除　申請する最初の月に喪失した                       | 41 | 1990-01-01 | 1    | 1/2015-04-01~2026-07-31           |                      |                                                  | 資格なし                                     |
| 免除　同じ月に取得して喪失した月は数える               | 41 | 1990-01-01 | 1    | 1/2026-07-01~2026-07-31           |                      |                                                  |                                              |
| 免除　申請する最後の月に取得した                       | 41 | 1990-01-01 | 1    | 1/2026-10-31                      |                      | menjo_to_month=2026-10-01                        |                                              |
| 免除　申請する最後の月の翌月に取得した                 | 41 | 1990-01-01 | 1    | 1/2026-11-01                      |                      | menjo_to_month=2026-10-01                        | 資格なし                                     |
| 免除　終期がなければ免除年度の終わりまで               | 41 | 1990-01-01 | 1    | 1/2026-11-01                      |                      | menjo_to_month=                                  |                                              |
| 免除　始期がなければ免除年度                           | 41 | 1990-01-01 | 1    | 1/2015-04-01~2026-08-01           |                      | menjo_from_month= menjo_to_month= menjo_year=2026 |                                             |
| 免除　免除年度の前に喪失した                           | 41 | 1990-01-01 | 1    | 1/2015-04-01~2026-07-01           |                      | menjo_from_month= menjo_to_month= menjo_year=2026 | 資格なし                                    |
| 免除　任意加入                                         | 41 | 1965-01-01 | 1    | 4/2025-01-01                      |                      |                                                  | 任意加入の期間（第1号の期間に限る）          |
| 免除　特例任意加入                                     | 41 | 1965-01-01 | 1    | 5/2025-01-01                      |                      |                                                  | 任意加入の期間（第1号の期間に限る）          |
| 免除　第1号であった月があれば今は任意加入でもよい      | 41 | 1966-09-06 | 1    | 1/2015-04-01~2026-09-05 4/2026-09-05 |                   |                                                  |                                              |
| 免除　60歳の喪失が承認待ちでも60歳に達した月から後は任意でない | 41 | 1966-07-02 | 1 | 1/2015-04-01                   |                      |                                                  | 資格なし                                     |
| 免除　60歳に達した月の前の月は第1号                    | 41 | 1966-08-02 | 1    | 1/2015-04-01                      |                      |                                                  |                                              |
| 免除　申請する月の後に種別が変わった                   | 41 | 1990-01-01 | 2    | 4/2015-04-01/2026-08-01           |                      |                                                  | 受理日に住登者でない                         |
| 免除　申請する月の前に種別が変わった                   | 41 | 1990-01-01 | 2    | 4/2015-04-01/2026-07-01           |                      |                                                  | 受理日に住登者でない 任意加入の期間（第1号の期間に限る） |
| 学特　任意加入                                         | 42 | 1990-01-01 | 2    | 4/2025-01-01                      |                      | menjo_code=40 menjo_from_month=2026-04-01 menjo_to_month=2027-03-01 | 受理日に住登者でない 任意加入の期間（第1号の期間に限る） |
| 学特　年度だけ書く                                     | 42 | 2005-01-01 | 1    | 1/2024-12-31~2026-05-01           |                      | menjo_code=40 menjo_from_month= menjo_to_month= menjo_year=2026 |                                |
| 継続　全額免除で申請日を含む                           | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1                                   |                                              |
| 継続　納付猶予                                         | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_code=30                     |                                              |
| 継続　一部免除                                         | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_code=22                     | 継続申請（全額免除・納付猶予に限る）         |
| 継続　失業特例                                         | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 shitsugyo_flag=1                  | 継続申請（失業特例とは併せられない）         |
| 継続　申請日より前の期間                               | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_from_month=2025-07-01 menjo_to_month=2026-06-01 | 継続申請（申請日を含む期間に限る） |
| 継続　申請日の前の月まで                               | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_to_month=2026-10-01         | 継続申請（申請日を含む期間に限る）           |
| 継続　申請日の月まで                                   | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_to_month=2026-11-01         |                                              |
| 継続　申請日の翌月から                                 | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | keizoku_flag=1 menjo_from_month=2026-12-01       | 継続申請（申請日を含む期間に限る）           |
| 継続でなければ一部免除も失業特例も過去の期間もよい     | 41 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | shitsugyo_flag=1 menjo_code=22 menjo_from_month=2025-07-01 menjo_to_month=2026-06-01 |           |
| 免除　産前産後の月を含む                               | 41 | 1990-01-01 | 1    | 1/2015-04-01                      | 50/2026-10~2027-01   |                                                  | 産前産後・育児期間の免除の月を含む（そちらが優先する） |
| 免除　育児の月を含む                                   | 42 | 1990-01-01 | 1    | 1/2015-04-01                      | 60/2027-03~2027-11   | menjo_code=40 menjo_from_month=2026-04-01 menjo_to_month=2027-03-01 | 産前産後・育児期間の免除の月を含む（そちらが優先する） |
| 免除　産前産後の終わった翌月から                       | 41 | 1990-01-01 | 1    | 1/2015-04-01                      | 50/2026-03~2026-06   |                                                  |                                              |
| 免除　却下された産前産後                               | 41 | 1990-01-01 | 1    | 1/2015-04-01                      | 50/2026-10~2027-01/04 |                                                 |                                              |
| 付加　第1号                                            | 21 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-01                             |                                              |
| 付加　任意加入                                         | 21 | 1963-01-01 | 1    | 4/2024-01-01                      |                      | gaitou_on=2026-11-01                             |                                              |
| 付加　特例任意加入                                     | 21 | 1961-11-07 | 1    | 5/2026-01-01                      |                      | gaitou_on=2026-11-01                             | 特例任意加入（付加保険料は納付できない）     |
| 付加　法定免除の月                                     | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 10/2020-01           | gaitou_on=2026-11-01                             | 免除の月（付加保険料は納付できない）         |
| 付加　消滅した法定免除の翌月                           | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 10/2020-01//2026-10-31 | gaitou_on=2026-11-01                           |                                              |
| 付加　法定免除の消滅した月                             | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 10/2020-01//2026-11-01 | gaitou_on=2026-11-01                           | 免除の月（付加保険料は納付できない）         |
| 付加　全額免除の最後の月                               | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2025-12~2026-11   | gaitou_on=2026-11-30                             | 免除の月（付加保険料は納付できない）         |
| 付加　全額免除の翌月                                   | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2025-07~2026-10   | gaitou_on=2026-11-01                             |                                              |
| 付加　一部免除の月                                     | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 23/2026-07~2027-06   | gaitou_on=2026-11-01                             | 免除の月（付加保険料は納付できない）         |
| 付加　納付猶予の月                                     | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 30/2026-07~2027-06   | gaitou_on=2026-11-01                             | 免除の月（付加保険料は納付できない）         |
| 付加　学生納付特例の月                                 | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 40/2026-04~2027-03   | gaitou_on=2026-11-01                             | 免除の月（付加保険料は納付できない）         |
| 付加　該当日がなければ受理の月                         | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2026-11~2027-06   | gaitou_on=                                       | 免除の月（付加保険料は納付できない）         |
| 付加　却下された免除                                   | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2026-07~2027-06/04 | gaitou_on=2026-11-01                            |                                              |
| 付加　産前産後の月                                     | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 50/2026-10~2027-01   | gaitou_on=2026-11-01                             |                                              |
| 付加　育児の月                                         | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 60/2026-10~2027-01   | gaitou_on=2026-11-01                             |                                              |
| 付加　全額免除でも産前産後の月                         | 21 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2026-07~2027-06 50/2026-10~2027-01 | gaitou_on=2026-11-01            |                                              |
| 産前産後　出産の前月から四か月                         | 33 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-11-01 menjo_to_month=2027-02-01 |                     |
| 産前産後　月が合わない                                 | 33 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-12-01 menjo_to_month=2027-02-01 | 産前産後免除の月が出産(予定)日と合わない |
| 産前産後　資格を取得した月から                         | 33 | 1990-01-01 | 1    | 1/2026-12-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-12-01 menjo_to_month=2027-02-01 |                     |
| 産前産後　任意加入                                     | 33 | 1990-01-01 | 1    | 4/2015-04-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-11-01 menjo_to_month=2027-02-01 | 任意加入の期間（第1号の期間に限る） |
| 産前産後　ほかの免除種類が書いてある                   | 33 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-11-01 menjo_to_month=2027-02-01 menjo_code=20 | 免除種類 |
| 産前産後　免除種類を書いてもよい                       | 33 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-12-24 menjo_from_month=2026-11-01 menjo_to_month=2027-02-01 menjo_code=50 |  |
| 育児　父                                               | 34 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-01 menjo_from_month=2026-11-01 menjo_to_month=2027-10-01 |                     |
| 育児　終期が誕生日の月                                 | 34 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-01 menjo_from_month=2026-11-01 menjo_to_month=2027-11-01 | 育児期間免除の月が出生日と合わない |
| 育児　母　登録された産前産後の翌月から                 | 34 | 1990-01-01 | 女   | 1/2015-04-01                      | 50/2026-11~2027-02   | gaitou_on=2026-11-01 menjo_from_month=2027-03-01 menjo_to_month=2027-10-01 |                     |
| 育児　母　産前産後の始期より前に生まれた               | 34 | 1990-01-01 | 女   | 1/2015-04-01                      | 50/2026-12~2027-03   | gaitou_on=2026-11-01 menjo_from_month=2027-04-01 menjo_to_month=2027-10-01 |                     |
| 育児　母　次の子の産前産後は見ない                     | 34 | 1990-01-01 | 女   | 1/2015-04-01                      | 50/2027-05~2027-10   | gaitou_on=2026-11-01 menjo_from_month=2027-02-01 menjo_to_month=2027-10-01 |                     |
| 育児　特例任意加入                                     | 34 | 1961-01-01 | 1    | 5/2026-01-15                      |                      | gaitou_on=2026-11-01 menjo_from_month=2026-11-01 menjo_to_month=2027-10-01 | 任意加入の期間（第1号の期間に限る） |
| 法定免除期間の納付申出                                 | 36 | 1990-01-01 | 1    | 1/2015-04-01                      | 10/2020-01           | menjo_from_month=2026-11-01                      |                                              |
| 法定免除期間の納付申出　任意加入                       | 36 | 1963-01-01 | 1    | 4/2024-01-01                      |                      | menjo_from_month=2026-11-01                      | 任意加入の期間（第1号の期間に限る）          |
| 取消申請                                               | 35 | 1990-01-01 | 1    | 1/2015-04-01                      | 20/2026-07~2027-06   | gaitou_on=2026-11-05                             |                                              |
| 農業者年金の付加                                       | 23 | 1990-01-01 | 1    | 1/2015-04-01                      |                      | gaitou_on=2026-11-05                             |                                              |
| 未支給年金　遺族基礎                                   | 56 | 1940-01-01 | 3    |                                   |                      | nenkin_code=6450                                 |                                              |
| 未支給年金　老齢基礎は日本年金機構へ                   | 56 | 1940-01-01 | 3    |                                   |                      | nenkin_code=1150                                 | 年金コード（この届書の年金でない）           |
| 未支給年金　年金コードがない                           | 56 | 1940-01-01 | 3    |                                   |                      | nenkin_code=                                     |                                              |
| 受給権者届出　障害基礎は年齢を問わない                 | 59 | 2005-01-01 | 1    |                                   |                      | nenkin_code=5350                                 |                                              |
| 受給権者届出　老齢基礎                                 | 59 | 1950-01-01 | 1    |                                   |                      | nenkin_code=1150                                 | 年金コード（この届書の年金でない）           |
| 所得状況届　20歳前障害                                 | 61 | 2000-01-01 | 1    |                                   |                      | nenkin_code=6350                                 |                                              |
| 所得状況届　裁定替えの障害                             | 61 | 1950-01-01 | 1    |                                   |                      | nenkin_code=2650                                 |                                              |
| 所得状況届　20歳後の障害                               | 61 | 1990-01-01 | 1    |                                   |                      | nenkin_code=5350                                 | 年金コード（この届書の年金でない）           |
| 現況届はどの障害でも                                   | 60 | 1990-01-01 | 1    |                                   |                      | nenkin_code=5350                                 |                                              |
| 支給停止・所在不明　年金を問わない                     | 62 | 1990-01-01 | 1    |                                   |                      | nenkin_code=1150                                 |                                              |
| 特別一時金                                             | 63 | 1950-01-01 | 1    |                                   |                      | nenkin_code=5350                                 |                                              |
""")
#: everything that a 届書 can say, in agreement with itself
FULL: dict[str, Any] = {
    "gaitou_on": ON, "jiyu_code": "03", "shubetsu_code": "1", "gakko_name": "架空大学", "shousho_no": "9000001", "seikyusha_name": "架空　花子",
    "seikyusha_zokugara": "妻", "shibou_on": date(2026, 9, 1), "shoshin_on": date(2023, 4, 1), "shindansho_flag": True,
}  # fmt: skip
EXEMPTION = {"menjo_code": "20", "menjo_from_month": date(2026, 7, 1), "menjo_to_month": date(2027, 6, 1)}


def person(n: int) -> str:
    return kit.no(1000 + n)


def cells(text: str | None) -> dict[str, Any]:
    """``name=value`` as cells, by the kind of the item."""
    found: dict[str, Any] = {}
    for cell in (text or "").split():
        name, value = cell.split("=")
        typed = {"_on": date.fromisoformat, "nth": date.fromisoformat, "ear": int, "lag": lambda v: v == "1"}.get(name[-3:], str)
        found[name] = typed(value) if value else None
    return found


def insurances(n: int, text: str | None) -> list[dict[str, Any]]:
    """``種別/取得日~喪失日/種別変更日``."""
    rows = []
    for part in (text or "").split():
        shubetsu, term, *changed = part.split("/")
        acquired, _, lost = term.partition("~")
        rows.append(
            {
                "kiso_nenkin_no": kit.kiso(1000 + n), "atena_no": person(n), "shubetsu_code": shubetsu, "shutoku_jiyu_code": "03",
                "acquired_on": kit.day(acquired), "lost_on": kit.day(lost), "soushitsu_jiyu_code": "54" if lost else None,
                "shubetsu_henkou_on": kit.day(changed[0]) if changed else None,
            }
        )  # fmt: skip
    return rows


def exemptions(n: int, text: str | None) -> list[dict[str, Any]]:
    """``種類/始期~終期/裁定結果/消滅日``."""
    rows = []
    for part in (text or "").split():
        code, term, kekka, ended = (*part.split("/"), "", "")[:4]
        first, _, last = term.partition("~")
        rows.append(
            {
                "kiso_nenkin_no": kit.kiso(1000 + n), "menjo_code": code, "from_month": kit.day(f"{first}-01"),
                "to_month": kit.day(f"{last}-01") if last else None, "saitei_kekka_code": kekka or "02", "shoumetsu_on": kit.day(ended),
            }
        )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def office(town: Site) -> Site:
    """All cases in one go, each about a person of its own."""
    before, intakes, people, known = ON - timedelta(days=1), [], [], []
    for n, case in enumerate(CASES):
        who = {"birth_on": kit.day(case["生年月日"]), "sex_code": "2" if case["住民"] == "女" else "1"}
        people.append({"atena_no": person(n), "jumin_jotai_code": "1" if case["住民"] == "女" else case["住民"], **who})
        month = EXEMPTION if case["届"] in ("41", "42") else {}
        row = {**FULL, **month, "setainushi_atena_no": person(n), "kiso_nenkin_no": kit.kiso(1000 + n), "juri_on": ON, **who}
        intakes.append({**row, "uketsuke_no": person(n), "atena_no": person(n), "todoke_code": case["届"], **cells(case["受付"])})
        known.append({"atena_no": person(n), "kiso_nenkin_no": kit.kiso(1000 + n)})
    kit.ikou(town, "ikou_nenkin_kihon", known, on=before)
    kit.ikou(town, "ikou_shikaku", [row for n, c in enumerate(CASES) for row in insurances(n, c["資格"])], on=before)
    kit.ikou(town, "ikou_menjo", [row for n, c in enumerate(CASES) for row in exemptions(n, c["免除"])], on=before)
    kit.run(town, "ikou_once", before)
    kit.juki(town, people, on=before)
    assert kit.run(town, "juki_daily", before)["error"] is None
    kit.uketsuke(town, intakes, on=ON)
    done = kit.run(town, "uketsuke_daily", ON)
    assert done["error"] is None and kit.only(done)["counts"]["new"] == len(CASES)
    return town


@pytest.mark.parametrize("n", range(len(CASES)), ids=[c["事例"] or "" for c in CASES])
def test_届書の決まりに照らして点検される(office: Site, n: int) -> None:
    [(findings,)] = kit.query(
        office, "select findings from pension.uketsuke_ima join pension.uketsuke_check as c using (uketsuke_id) "
        "where c.superseded_at is null and uketsuke_no = :no", no=person(n),
    )  # fmt: skip
    assert findings == (CASES[n]["指摘"] or "").split()


def test_点検で断られる受付はない(office: Site) -> None:
    assert kit.query(office, "select count(*) from pension.uketsuke_ima") == [(len(CASES),)]
