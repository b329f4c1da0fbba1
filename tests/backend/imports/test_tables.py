"""CSV lists: every bad row is named with its line and its reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.imports.parsing import Parsed
from backend.imports.problems import Fault, UnknownKind, UnreadableFile
from backend.imports.reading import detect_encoding
from backend.imports.records import AddressRecord, ItemRecord, Kind, KnowledgeRecord, StaffRecord
from backend.imports.run import kind_of, parse_table
from backend.texts import Texts

KNOWN = {"990100": "district", "99010100101": "grid", "99010100102": "grid"}
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ADDRESSES = "address,alias,area_code,lat,lon\n"
STAFF = "name,role,area_code,duty,phone,channel,channel_id\n"
ITEMS = "code,name,aliases,level,unit,materials,limit_working_days,place,hours,deliverable,state\n"
KNOWLEDGE = "question,variants,answer,valid_until\n"


def parse(folder: Path, kind: Kind, text: str | bytes) -> Parsed:
    path = folder / f"{kind.value}.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse_table(path, detect_encoding(path), kind, KNOWN, NOW)


def faults(parsed: Parsed) -> list[tuple[int, Fault]]:
    return [(problem.line, problem.fault) for problem in parsed.problems]


def test_good_addresses_are_read_with_their_aliases(tmp_path: Path) -> None:
    rows = '幸福里小区3号楼,"幸福里三栋；老粮站,粮站宿舍",99010100101,30.1,120.2\n槐树巷,,99010100101,,\n'
    parsed = parse(tmp_path, Kind.ADDRESSES, ADDRESSES + rows)
    assert parsed.problems == []
    assert parsed.records == [
        AddressRecord("幸福里小区3号楼", "幸福里三栋;老粮站;粮站宿舍", "99010100101", 30.1, 120.2),
        AddressRecord("槐树巷", "", "99010100101"),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",,99010100101,,", Fault.EMPTY),
        ("解放路1号,,12345,,", Fault.AREA_UNKNOWN),
        ("解放路1号,,99010100101,120.2,30.1", Fault.SWAPPED),
        ("解放路1号,,99010100101,30.1,", Fault.HALF_A_POINT),
        ("解放路1号,,99010100101,北纬30,120", Fault.NOT_A_NUMBER),
        ("解放路1号,,99010100101,nan,120", Fault.NOT_A_NUMBER),
        ("解放路1号,,99010100101,91,200", Fault.OUT_OF_RANGE),
        ("解放路1号,99010100101,,", Fault.CELL_COUNT),
        ("路" * 121 + ",,99010100101,,", Fault.TOO_LONG),
        ("解放路\u202e1号,,99010100101,,", Fault.CONTROL_CHARACTER),
        ("3号楼,,99010100101,,", Fault.NAMELESS_ADDRESS),
        ("建设路9号,,99010100101,,", Fault.DUPLICATE),
        ('"解放路1号"x,,99010100101,,', Fault.ROW_BROKEN),
    ],
)
def test_a_bad_address_row_is_named(tmp_path: Path, row: str, fault: Fault) -> None:
    parsed = parse(tmp_path, Kind.ADDRESSES, f"{ADDRESSES}建设路9号,,99010100101,,\n{row}\n槐树巷,,99010100101,,\n")
    assert faults(parsed) == [(3, fault)]


def test_the_same_alley_may_stand_under_two_grids(tmp_path: Path) -> None:
    parsed = parse(tmp_path, Kind.ADDRESSES, ADDRESSES + "槐树巷,,99010100101,,\n槐树巷,,99010100102,,\n")
    assert parsed.problems == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("李四,保安,99010100101,A,,,", Fault.NOT_ALLOWED),
        ("李四,worker,99010100101,C,,,", Fault.NOT_ALLOWED),
        ("李四,worker,99010100101,A,12345,,", None),
        ("李四,worker,99010100101,A,1.38E+10,,", Fault.BAD_PHONE),
        ("李四,worker,99010100101,A,1380013800,,", Fault.BAD_PHONE),
        ("李四,worker,99010100101,A,,qq,10001", Fault.NOT_ALLOWED),
        ("李四,worker,99010100101,A,,telegram,", Fault.CHANNEL_WITHOUT_ID),
        ("李四,worker,99010100101,A,+86 138-0013-8000,telegram,7001", None),
        ("李四,worker,99010100101,A,0571-87654321,,", None),
        (",worker,99010100101,A,,,", Fault.EMPTY),
    ],
)
def test_staff_rows_are_checked(tmp_path: Path, row: str, fault: Fault | None) -> None:
    parsed = parse(tmp_path, Kind.STAFF, f"{STAFF}{row}\n")
    assert faults(parsed) == ([] if fault is None else [(2, fault)])


def test_a_phone_is_stored_as_digits(tmp_path: Path) -> None:
    parsed = parse(tmp_path, Kind.STAFF, STAFF + "李四,worker,99010100101,b,+86 138-0013-8000,,\n")
    assert parsed.records == [StaffRecord("李四", "worker", "99010100101", "B", "13800138000")]


def test_items_are_read_with_their_optional_columns(tmp_path: Path) -> None:
    heading = ITEMS.strip() + ",cancelled_reason\n"
    row = "ZM-01,居住证明,住址证明,community,社区,身份证、户口簿；申请表*,3,一楼,9-17点,是,cancelled,凭身份证即可\n"
    parsed = parse(tmp_path, Kind.ITEMS, heading + row)
    assert parsed.problems == []
    item = parsed.records[0]
    assert isinstance(item, ItemRecord)
    assert (item.materials, item.limit_working_days, item.deliverable) == ("身份证、户口簿;申请表*", 3, True)
    assert item.cancelled_reason == "凭身份证即可"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("ZM 01,证明,,community,社区,,3,,,是,admitted", Fault.BAD_CODE),
        ("ZM01,证明,,province,社区,,3,,,是,admitted", Fault.NOT_ALLOWED),
        ("ZM01,证明,,community,社区,,三天,,,是,admitted", Fault.NOT_A_NUMBER),
        ("ZM01,证明,,community,社区,,-1,,,是,admitted", Fault.OUT_OF_RANGE),
        ("ZM01,证明,,community,社区,,3,,,大概,admitted", Fault.NOT_ALLOWED),
        ("ZM01,证明,,community,社区,,3,,,否,open", Fault.NOT_ALLOWED),
    ],
)
def test_a_bad_item_row_is_named(tmp_path: Path, row: str, fault: Fault) -> None:
    assert faults(parse(tmp_path, Kind.ITEMS, f"{ITEMS}{row}\n")) == [(2, fault)]


def test_answers_may_hold_commas_and_line_breaks_and_lines_are_still_counted(tmp_path: Path) -> None:
    rows = '怎么办居住证,居住证在哪办；办居住证,"带身份证，\n到一楼。",2027/1/31\n'
    rows += "没有答案,,,\n旧问题,,答,2020-01-01\n坏日期,,答,明年\n"
    parsed = parse(tmp_path, Kind.KNOWLEDGE, KNOWLEDGE + rows)
    assert faults(parsed) == [(4, Fault.EMPTY), (5, Fault.ALREADY_EXPIRED), (6, Fault.NOT_A_DATE)]
    first = parsed.records[0]
    assert isinstance(first, KnowledgeRecord)
    assert first.answer == "带身份证，\n到一楼。"
    assert first.variants == "居住证在哪办;办居住证"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_files_from_excel_are_read_whatever_their_encoding(tmp_path: Path, encoding: str) -> None:
    text = (ADDRESSES + "幸福里小区,,99010100101,,\n").replace("\n", "\r\n")
    parsed = parse(tmp_path, Kind.ADDRESSES, text.encode(encoding))
    assert parsed.records == [AddressRecord("幸福里小区", "", "99010100101")]


def test_a_picture_is_refused_as_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        parse(tmp_path, Kind.ADDRESSES, b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x00")


def test_missing_columns_are_named_once(tmp_path: Path) -> None:
    parsed = parse(tmp_path, Kind.ADDRESSES, "address,alias,lat,lon\n解放路1号,,,\n")
    assert faults(parsed) == [(1, Fault.COLUMN_MISSING)]
    assert parsed.problems[0].facts == {"columns": "area_code"}


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    assert faults(parse(tmp_path, Kind.ADDRESSES, ADDRESSES)) == [(1, Fault.EMPTY_FILE)]
    assert faults(parse(tmp_path, Kind.ADDRESSES, "")) == [(1, Fault.COLUMN_MISSING)]


def test_the_kind_is_told_by_name_or_by_heading(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text(STAFF, encoding="utf-8")
    assert kind_of(path, "utf-8") is Kind.STAFF
    assert kind_of(tmp_path / "areas.geojson", "utf-8") is Kind.AREAS
    path.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(UnknownKind):
        kind_of(path, "utf-8")


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    texts = Texts.load()
    assert all(texts.has(f"imports.fault.{fault.value}") for fault in Fault)


def test_a_problem_reads_as_line_and_reason(tmp_path: Path) -> None:
    texts = Texts.load()
    problem = parse(tmp_path, Kind.ADDRESSES, ADDRESSES + "解放路1号,,77,,\n").problems[0]
    assert problem.say(texts) == "第2行：系统里没有辖区“77”"
    assert problem.say(texts, "en") == 'line 2: there is no area "77" in the system'
