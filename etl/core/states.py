"""状態: the words that rows, receipts and the chain of records use, each with what it means. A word stands here before it stands anywhere else.

The database keeps ``Operation`` and ``WorklistKind`` as tables of its own (``edge.db.migrate`` writes them) and refuses strangers.
"""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """The decision on a proposal (``ledger.approval.decision``)."""

    APPROVED = "approved"  # by another person, in time, for the same content
    REJECTED = "rejected"  # by another person
    WITHDRAWN = "withdrawn"  # by the system: a later event made it untrue, or its term ended
    SUPERSEDED = "superseded"  # by the system: something else was decided or made first


class FileOutcome(StrEnum):
    """The outcome of an inbound file (``ledger.file.outcome``)."""

    ACCEPTED = "accepted"  # its rows are in, in one transaction
    REFUSED = "refused"  # nothing of it is in; the sender or the operator mends it
    WAITING = "waiting"  # its turn has not come: a number before it, its ``.end``, or an approval is missing
    DUPLICATE = "duplicate"  # 重複受信: the same bytes were accepted before


class Timing(StrEnum):
    """When an inbound file was taken up, against its own business day."""

    ON_TIME = "on_time"  # by a run of its day
    LATE = "late"  # 遅れて届いたファイル: by a run of a later day, which found it first
    WAITED = "waited"  # its number or its approval had to come first


class RunState(StrEnum):
    """``ledger.run.state``."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # ``error_code`` says why


class PlanState(StrEnum):
    """A month compared with its last version."""

    FIRST = "first"  # no version yet, and nothing speaks against it: goes by itself
    SAME = "same"  # as the last version: nothing goes
    CANDIDATE = "candidate"  # other than the last version, or a first one that may not leave by itself: goes after its approval
    REPRODUCED = "reproduced"  # an earlier state made again, beside the outbox


class Totsugo(StrEnum):
    """The outcome of comparing results of 日本年金機構 with intakes; the last three are outcomes of intakes."""

    MATCHED = "matched"
    DIFFERS = "differs"
    EXPECTED_WITHOUT_INTAKE = "expected_without_intake"  # 職権等: nobody files it, for one of the causes below
    UNEXPLAINED = "unexplained"
    RETURNED = "returned"  # 返戻
    DUPLICATE = "duplicate"  # the intake is decided by another result
    NOT_SENT = "not_sent"  # 未進達: no result, and none can come yet
    WAITING = "waiting"  # sent on (進達済), no result yet
    OVERDUE = "overdue"  # sent on, no result within the period


class UketsukeNashi(StrEnum):
    """受付なし: why a result may come without an intake (``pension.totsugo.cause``), in the order in which it is asked.

    From JLIS on it follows from the 届書 (``without_intake`` of mappings/todoke.yaml).
    """

    SHOKKEN = "shokken"  # 職権区分 1, or what the city reported by itself
    HATACHI = "hatachi"  # 事由 01: whoever turns 20 need not file
    ROKUJU = "rokuju"  # 事由 53: 60 ends it by itself
    KOUNEN = "kounen"  # 事由 54: the employer files it
    JLIS = "jlis"  # 氏名 and 住所 come from 住民基本台帳ネットワーク
    KOSEKI = "koseki"  # the 戸籍 tells of a death
    KAKUNIN = "kakunin"  # 日本年金機構 knows by itself of what 法定免除 rests on
    CHOKUSETSU = "chokusetsu"  # 継続, はがき, 電子申請, 学生納付特例事務法人: filed elsewhere
    SHUSSAN = "shussan"  # 産前産後, 育児: filed elsewhere, or known already
    MINASHI = "minashi"  # 取消: another application counts as the 取消申請
    TOKUREI = "tokurei"  # 種別 4 to 5: deemed to be applied for


class Verdict(StrEnum):
    """A staged row compared with the rows in force that have its key (``sql/ingest/verdict``)."""

    INSERT = "insert"  # no such key
    SUPERSEDE = "supersede"  # another content, brought by a higher version
    UNCHANGED = "unchanged"
    CONTRADICTION = "contradiction"  # 矛盾: another content without a higher version


class WorklistKind(StrEnum):
    """確認リスト: reasons for a person to look (``pension.worklist.kind``)."""

    SHUTOKU_KOUHO = "取得候補"  # may have begun to be insured
    YOU_KAKUNIN = "要確認"  # a removal from the register, or a row that was deleted
    JUSHO_HENKOU = "住所変更"
    SHIMEI_HENKOU = "氏名変更"
    MENJO_SAIKAKUNIN = "免除再確認"  # the household of an exemption or of an open application changed
    SHORI_KEKKA = "処理結果"  # a result that fits no record


class Daichou(StrEnum):
    """The state of an entry of the registers of paper, media and copies (``ledger.daichou_ima``)."""

    HELD = "held"  # where it belongs
    OUT = "out"  # handed over, to be given back
    ASKED = "asked"  # reported as gone by one person; another has not confirmed it
    GONE = "gone"  # another person confirmed the report
    VOID = "void"  # entered by mistake


class Juryou(StrEnum):
    """What an acknowledgement of a recipient is (``ledger.juryou.result``); the first two are its own words."""

    ACCEPTED = "accepted"  # it has the file, whole
    REFUSED = "refused"
    UNREADABLE = "unreadable"  # no acknowledgement as agreed
    FOREIGN = "foreign"  # of another file, or of other bytes or rows than were sent
    STRAY = "stray"  # of a file that never went there


class Shintatsu(StrEnum):
    """The state of a report to 日本年金機構 (``ledger.shintatsu_ima``); it follows from what was done."""

    OPENED = "opened"  # 内容確認・修正期間
    FROZEN = "frozen"  # fixed; waits for another person
    APPROVED = "approved"  # another person approved what was fixed
    MADE = "made"  # the medium is there
    HANDED = "handed"  # handed over; 未確認
    RECEIVED = "received"  # 日本年金機構 gave a receipt
    REFUSED = "refused"  # 日本年金機構 did not take it as a whole; its records are to be reported again
    CANCELLED = "cancelled"  # given up before it went


class Koui(StrEnum):
    """What is done to a report (``ledger.shintatsu_koui.act``). To approve is ``ledger.decide``, to hand over is to register the 引渡し."""

    FREEZE = "freeze"
    THAW = "thaw"  # what was fixed is opened again
    MAKE = "make"
    RECEIVE = "receive"
    REFUSE = "refuse"
    CANCEL = "cancel"


#: act -> the states in which it is possible; the database keeps the same table (``ledger.shintatsu_michi``)
ACTS: dict[Koui, tuple[Shintatsu, ...]] = {
    Koui.FREEZE: (Shintatsu.OPENED,),
    Koui.THAW: (Shintatsu.FROZEN, Shintatsu.APPROVED),
    Koui.MAKE: (Shintatsu.APPROVED,),
    Koui.RECEIVE: (Shintatsu.HANDED,),
    Koui.REFUSE: (Shintatsu.HANDED,),
    Koui.CANCEL: (Shintatsu.OPENED, Shintatsu.FROZEN, Shintatsu.APPROVED, Shintatsu.MADE),
}


class Hantei(StrEnum):
    """The answer of the registry to what wants to leave (``ledger.iten_hantei.answer``); but for 許可 a code says why."""

    KYOKA = "許可"
    KYOHI = "拒否"
    MITOUROKU = "未登録"  # no row of the registry, or none that two people agreed to


class Jotai(StrEnum):
    """受付の状態 (codes/uketsuke_jotai)."""

    UKETSUKE = "1"
    SHINSA = "2"
    TORISAGE = "3"
    SHINTATSU = "4"
    HENREI = "5"
    TOUROKU = "6"


#: still to be decided by the city: its income may be asked for, its form printed
OPEN = (Jotai.UKETSUKE, Jotai.SHINSA, Jotai.HENREI)
#: neither withdrawn nor settled: stands as 受付 in 免除, 付加, 裁定受付
STANDING = (*OPEN, Jotai.SHINTATSU)


class Kekka(StrEnum):
    """処理結果 of 日本年金機構 (codes/kekka)."""

    SHORIZUMI = "01"
    SHOUNIN = "02"
    ICHIBU_SHOUNIN = "03"
    KYAKKA = "04"
    HENREI = "05"
    TORIKESHI = "06"


class Operation(StrEnum):
    """操作 of the chain of records (P66, P77): the only words its ``operation`` may have."""

    TORIKOMI = "取込"  # a file entered
    UKEIRE_KYOHI = "受入拒否"  # a file was refused
    UKEIRE_TAIKI = "受入待機"  # a file waits
    JUUFUKU_JUSHIN = "重複受信"  # the bytes came again
    TEISEI_KIAN = "訂正起案"  # a corrected file waits for its approval
    NYURYOKU_KIAN = "入力票起案"  # a keyed form waits for its approval
    IDOU_KIAN = "資格異動起案"  # a change of 資格 was proposed
    TORISAGE = "起案取下げ"  # a proposal was withdrawn
    ROKUJU_KAKUNIN = "60歳到達確認"  # the calendar was asked
    UKETSUKE_TENKEN = "受付点検"  # 突合1
    TOTSUGO = "突合"
    SHOUNIN = "承認"
    HININ = "否認"
    SHIKKOU = "失効"  # a proposal was overtaken
    JUKI_SHOUKAI = "住基照会"
    SHOTOKU_SHOUKAI = "所得照会"
    SHOUKAI_KIAN = "照会起案"  # questions of 業務日が離れた実行 wait for their approval
    ITEN_KIAN = "移転起案"  # a version waits for its approval
    ITEN = "移転"
    ITEN_SANSHOU = "移転先参照"  # somebody looked to whom a person was given
    SOUSHUTSU_KYOHI = "送出拒否"  # the registry let something not leave
    TOUROKUBO_KIAN = "登録簿起案"  # a change of what may leave waits for its approval
    SAIGEN = "再現出力"  # an earlier state was made again
    TSUCHI = "通知出力"  # a notice to the sender
    ICHIRAN = "一覧出力"
    FILE = "ファイル出力"
    INSATSU = "印刷"
    LOGIN = "ログイン"
    LOGIN_SHIPPAI = "ログイン失敗"
    LOGOUT = "ログアウト"
    KYOHI = "拒否"  # somebody tried what he may not do
    SHOKUIN_SHINSEI = "職員登録申請"
    SHOKUIN_TOUROKU = "職員登録"
    SHOKUIN_SHUURYOU = "職員登録終了"
    SHOKUIN_TENKEN = "職員登録点検"
    KAKUNIN_SETTEI = "本人確認設定"  # a password or a second factor
    HOKAN = "保管"  # something lies in the archive, encrypted
    HIKIWATASHI = "引渡し"  # what left was handed over
    HOKAN_SANSHOU = "保管物参照"  # somebody read again what is kept
    KAGI_KOUSHIN = "鍵更新"  # a key was replaced by a new one
    DAICHOU_TOUROKU = "台帳登録"  # paper, a medium or a copy at a contractor entered its register
    DAICHOU_TEISEI = "台帳訂正起案"  # a correction of an entry waits for its approval
    BAITAI_MOCHIDASHI = "媒体持出"
    BAITAI_HENKYAKU = "媒体返却"
    BAITAI_KAKIKOMI = "媒体書込"  # an archive goes onto a medium; before it does
    BAITAI_SHOUGOU = "媒体照合"  # it was read back from there, and is the same
    KAKINAOSHI_KIAN = "媒体書直し起案"  # that it may go onto a second medium waits for its approval
    TANAOROSHI = "棚卸し"  # somebody counted the media at the end of a month; another person confirms
    TSUKIJIME = "月次締め"  # two people counted the media of a month, and none is missing
    HAIKI_HOUKOKU = "廃棄報告"  # somebody reported that it is gone; another person confirms
    KAGI_SANSHOU = "鍵更新参照"  # ciphertexts were read in bulk, to be written anew; written by vault.kagi_ask alone
    KAGI_HAKI = "鍵破棄"  # nothing needs it any more, and two people gave it up
    BACKUP = "バックアップ"
    BACKUP_KENSHOU = "バックアップ検証"  # a trial restore
    BACKUP_KIGEN = "バックアップ期限切れ"  # what was over went
    KAGI_BACKUP = "鍵のバックアップ"
    AITESAKI_KIAN = "相手先起案"  # where a partner's server is waits for its approval
    AITESAKI_KAKUNIN = "相手先確認"  # a partner's server was tried
    SOUSHIN = "送信"  # a file lies at a partner's, with its .end
    SAISOU_KIAN = "再送起案"  # sending it once more waits for its approval
    SHINTATSU_KAISHI = "進達開始"
    SHINTATSU_JOGAI = "進達除外"  # a record stays out of one report
    SHINTATSU_JOGAI_KAIJO = "進達除外取消し"
    SHINTATSU_KAKUTEI = "進達確定"  # what will be reported waits for its approval
    SHINTATSU_KAKUTEI_KAIJO = "進達確定取消し"
    SHINTATSU_SAKUSEI = "進達作成"  # the medium of a report was made
    SHINTATSU_JURYOU = "進達受領"  # 日本年金機構 gave a receipt
    SHINTATSU_FUJURI = "進達不受理"
    SHINTATSU_TORIYAME = "進達取止め"
    SHINTATSU = "進達"  # a file of reports left
    JURYOU_KAKUNIN = "受領確認"  # what a recipient said of it was read
    JUSHIN = "受信"  # a file came from a partner's server
    FUKKYU = "復旧"  # a backup was put back
    FUKKYU_SHOUGOU = "復旧の照合"  # what is missing after it
    SHOUKYO_SHINSEI = "消去申請"  # a list of what is to go waits for its approval
    SHOUKYO = "消去"  # written before one thing of an approved list is destroyed
    SHOUKYO_KENSHOU = "消去検証"  # all of it is gone, and was looked for
    SHOUKYO_SHOUMEI = "消去証明"
    SAI_SHOUKYO = "再消去"  # once more, after a restore
    KIGEN_SHOUKYO = "期限消去"  # by the policy alone: 作業域, 基盤
    HOZEN = "保全"  # something must stay
    HOZEN_KAIJO_SHINSEI = "保全解除申請"
    HOZEN_KAIJO = "保全解除"
    BANGOU_SANSHOU = "個人番号参照"  # written by vault.ask alone
