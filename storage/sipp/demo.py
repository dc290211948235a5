"""The demonstration: a SIPP with invented cases in an SQLite file, always with hearings around today.

Hearings keep their id while the days go by: what was ahead yesterday is past today, and new days are set at the end, so
that whoever follows an invented case hears of it as of a real one.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, insert

from storage.sipp import schema

FILE = "sipp_contoh.sqlite3"
COURT = {61: "CONTOH", 62: "PENGADILAN NEGERI MOJOKERTO (DATA CONTOH)", 75: "Asia/Jakarta", 80: "contoh"}
DAY = 1
"""Id in sys_config of the day for which the file was made."""
PAST, AHEAD = dt.timedelta(days=56), dt.timedelta(days=21)
YEAR_LASTS = dt.timedelta(days=60)
"""Into a new year the cases keep last year's numbers for so long."""
JUDGES = {101: "Hakim Contoh A", 102: "Hakim Contoh B", 103: "Hakim Contoh C", 104: "Hakim Contoh D"}
CLERKS = {201: "Panitera Contoh A", 202: "Panitera Contoh B"}
BAILIFFS = {301: "Jurusita Contoh A"}
CIVIL = ("Bukti surat Penggugat", "Bukti surat Tergugat", "Saksi Penggugat", "Saksi Tergugat")
CRIMINAL = ("Saksi Penuntut Umum", "Saksi Penuntut Umum, lanjutan", "Pemeriksaan ahli", "Saksi Terdakwa")
"""Agendas that may follow each other again and again, as the days of the demonstration do."""
REASONS = ("Untuk acara berikutnya", "Saksi belum hadir", "Majelis hakim belum siap")


@dataclass(frozen=True)
class Invented:
    """An invented case. Days are counted back from today."""

    ordinal: int
    code: str
    flow: int
    kind: str
    every: int = 0
    """Days between two hearings; 0: none."""
    weekday: int = 1
    """1 Monday ... 5 Friday; every day but the weekend where `every` is 1."""
    starts: tuple[str, ...] = ("09:00",)
    """Times of the hearings of one day."""
    room: str = "Ruang Sidang Cakra"
    agenda: tuple[str, ...] = CIVIL
    ahead: bool = True
    """Whether further hearings are set."""
    registered: int = 70
    bench: bool = True
    clerk: bool = True
    published: str = "Y"
    decided: str | None = None
    """Status of the decision, made at the last hearing."""
    minuted: bool = True
    minutes: bool = True
    mediation: str | None = None
    """Result in SIPP's code; "" while it goes on."""
    detention: int | None = None
    """Days until it ends."""
    stage: str = "Persidangan"


CASES = (
    Invented(12, "Pdt.G", 1, "Perbuatan Melawan Hukum", every=7),
    Invented(15, "Pdt.G", 1, "Wanprestasi", every=7, weekday=1, starts=("09:00", "13:00"), room="Ruang Sidang Tirta"),
    Invented(18, "Pdt.G", 1, "Objek Sengketa Tanah", every=14, weekday=2),
    Invented(21, "Pdt.G", 1, "Perceraian", every=7, weekday=3, published="T", room="Ruang Sidang Candra"),
    Invented(24, "Pdt.G", 1, "Wanprestasi", every=7, weekday=4, mediation="", stage="Mediasi"),
    Invented(25, "Pdt.G", 1, "Perbuatan Melawan Hukum", every=7, ahead=False, mediation="Y1", decided="Perdamaian"),
    Invented(27, "Pdt.G", 1, "Wanprestasi", every=7, weekday=2, ahead=False, decided="Dikabulkan"),
    Invented(30, "Pdt.G", 1, "Wanprestasi", every=7, weekday=5, ahead=False, decided="Ditolak", minuted=False),
    Invented(33, "Pdt.G", 1, "Objek Sengketa Tanah", every=7, weekday=5, ahead=False),
    Invented(36, "Pdt.G", 1, "Wanprestasi", registered=4, bench=False, clerk=False, stage="Pendaftaran"),
    Invented(37, "Pdt.G", 1, "Perbuatan Melawan Hukum", registered=9, clerk=False, stage="Penetapan"),
    Invented(5, "Pdt.G.S", 8, "Wanprestasi", every=7, weekday=1, agenda=("Sidang pertama", "Pembuktian")),
    Invented(6, "Pdt.G.S", 8, "Wanprestasi", every=7, weekday=4, ahead=False, decided="Dikabulkan Sebagian"),
    Invented(40, "Pdt.P", 2, "Permohonan Ganti Nama", every=1, agenda=("Sidang pertama", "Pembuktian surat dan saksi")),
    Invented(41, "Pdt.P", 2, "Permohonan Perbaikan Akta Kelahiran", every=7, ahead=False, decided="Dikabulkan"),
    Invented(42, "Pdt.P", 2, "Permohonan Pengangkatan Anak", every=7, weekday=2, room="Ruang Sidang Candra"),
    Invented(3, "Pdt.Bth", 7, "Bantahan", every=14, weekday=5),
    Invented(12, "Pid.B", 111, "Penipuan", every=7, weekday=5, agenda=CRIMINAL, starts=("11:00",)),
    Invented(101, "Pid.B", 111, "Pencurian", every=7, agenda=CRIMINAL, starts=("10:00",), detention=10),
    Invented(102, "Pid.B", 111, "Penganiayaan", every=7, weekday=1, agenda=CRIMINAL, minutes=False, detention=40),
    Invented(103, "Pid.B", 111, "Penggelapan", every=7, weekday=2, agenda=CRIMINAL, ahead=False, decided="Terbukti"),
    Invented(104, "Pid.B", 111, "Kejahatan Terhadap Kesusilaan", every=7, weekday=3, agenda=CRIMINAL, detention=25),
    Invented(110, "Pid.Sus", 111, "Narkotika", every=7, weekday=4, agenda=CRIMINAL, detention=5),
    Invented(111, "Pid.Sus", 111, "Perlindungan Anak", every=7, weekday=5, agenda=CRIMINAL, published="T"),
    Invented(7, "Pid.Sus-Anak", 118, "Pencurian", every=7, agenda=CRIMINAL, room="Ruang Sidang Anak", published="T"),
    Invented(
        8, "Pid.Sus-Anak", 118, "Penganiayaan", every=7, weekday=2, ahead=False, decided="Terbukti", published="T"
    ),
    Invented(
        2, "Pid.Pra", 119, "Sah atau tidaknya penangkapan", every=1, agenda=("Pembacaan permohonan", "Pembuktian")
    ),
    Invented(9, "Pid.S", 112, "Penadahan", every=7, weekday=3, agenda=CRIMINAL),
    Invented(
        61,
        "Pid.C",
        113,
        "Tindak pidana ringan",
        every=7,
        weekday=5,
        agenda=("Sidang",),
        ahead=False,
        decided="Terbukti",
    ),
    Invented(2001, "Pid.LL", 114, "Pelanggaran lalu lintas", every=7, agenda=("Sidang tilang",), starts=("08:30",)),
    Invented(
        2002, "Pid.LL", 114, "Pelanggaran lalu lintas", every=7, agenda=("Sidang tilang",), ahead=False, decided="Denda"
    ),
)


def prepare(folder: Path, today: dt.date) -> str:
    """Makes the demonstration's file for this day where it is of another; returns its address."""
    file = folder / FILE
    if _made_for(file) != today.isoformat():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fill(f"sqlite:///{fresh}", today)
        os.replace(fresh, file)
    return f"sqlite:///{file}"


def fill(url: str, today: dt.date) -> None:
    """Makes SIPP's tables in the empty database at `url` and puts the invented cases into them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        schema.METADATA.create_all(connection)
        config = {**COURT, DAY: today.isoformat()}
        rows = [{"id": key, "name": f"contoh_{key}", "value": value} for key, value in config.items()]
        connection.execute(insert(schema.CONFIG), rows)
        invented: dict[Table, list[dict[str, Any]]] = {}
        for case_id, case in enumerate(CASES, start=1):
            for table, row in _rows(case_id, case, today):
                invented.setdefault(table, []).append({"perkara_id": case_id, **row})
        for table, of_table in invented.items():
            connection.execute(insert(table), of_table)
    engine.dispose()


def _made_for(file: Path) -> str | None:
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file)) as connection:
            row = connection.execute("SELECT value FROM sys_config WHERE id = ?", (DAY,)).fetchone()
            return row and str(row[0])
    except sqlite3.Error:
        return None


def _rows(case_id: int, case: Invented, today: dt.date) -> list[tuple[Table, dict[str, Any]]]:
    rows: list[tuple[Table, dict[str, Any]]] = []

    def put(table: Table, **values: Any) -> None:
        rows.append((table, values))

    registered = today - dt.timedelta(days=case.registered)
    hearings = list(_hearings(case_id, case, today))
    days = sorted({row["tanggal_sidang"] for row in hearings})
    put(
        schema.CASE,
        alur_perkara_id=case.flow,
        jenis_perkara_nama=case.kind,
        nomor_perkara=f"{case.ordinal}/{case.code}/{(today - YEAR_LASTS).year}/PN Mjk",
        tanggal_pendaftaran=registered,
        pihak1_text="Pihak Contoh A",
        pihak2_text="Pihak Contoh B",
        para_pihak="Pihak Contoh A lawan Pihak Contoh B",
        pihak_dipublikasikan=case.published,
        tahapan_terakhir_text="Putusan" if case.decided else case.stage,
        proses_terakhir_text="Minutasi" if case.decided and case.minuted else case.stage,
    )
    if case.bench:
        put(
            schema.APPOINTMENT,
            penetapan_majelis_hakim=registered + dt.timedelta(days=1),
            penetapan_panitera_pengganti=registered + dt.timedelta(days=2) if case.clerk else None,
            penetapan_hari_sidang=registered + dt.timedelta(days=3) if days else None,
            sidang_pertama=days[0] if days else None,
        )
        chair = case_id % len(JUDGES)
        for place, (judge_id, name) in enumerate([*JUDGES.items()][chair:] + [*JUDGES.items()][:chair]):
            if place < (1 if case.flow in (2, 8, 113, 114, 118, 119) else 3):
                put(schema.JUDGE, jabatan_hakim_id=min(place, 1) + 1, hakim_id=judge_id, hakim_nama=name, aktif="Y")
    if case.bench and case.clerk:
        clerk_id, clerk = [*CLERKS.items()][case_id % len(CLERKS)]
        put(schema.CLERK, panitera_id=clerk_id, panitera_nama=clerk, aktif="Y")
        if case.flow < 100:
            [(bailiff_id, bailiff)] = BAILIFFS.items()
            put(schema.BAILIFF, jurusita_id=bailiff_id, jurusita_nama=bailiff, aktif="Y")
    for row in hearings:
        put(schema.HEARING, **row)
    if case.mediation is not None:
        until = registered + dt.timedelta(days=45) if case.mediation else None
        begun = registered + dt.timedelta(days=20)
        put(schema.MEDIATION, dimulai_mediasi=begun, keputusan_mediasi=until, hasil_mediasi=case.mediation or None)
    if case.decided:
        minuted = days[-1] + dt.timedelta(days=1) if case.minuted else None
        put(
            schema.DECISION,
            tanggal_putusan=days[-1],
            status_putusan_nama=case.decided,
            amar_putusan="MENGADILI: contoh",
            tanggal_minutasi=minuted,
        )
    if case.detention is not None:
        put(schema.DETENTION, mulai=registered, sampai=today + dt.timedelta(days=case.detention))
    return rows


def _hearings(case_id: int, case: Invented, today: dt.date) -> Iterator[dict[str, Any]]:
    if not case.every:
        return
    begun = dt.date((today - YEAR_LASTS).year, 1, 1)
    last = today + AHEAD if case.ahead else today - dt.timedelta(days=3)
    for day in (dt.date.fromordinal(n) for n in range((today - PAST).toordinal(), last.toordinal() + 1)):
        rhythm = (day.toordinal() - case.weekday) % case.every == 0 if case.every > 1 else day.isoweekday() <= 5
        if not rhythm:
            continue
        number = (day - begun).days // case.every + 1
        over = day < today
        final = case.decided is not None and (last - day).days < case.every
        adjourned = over and not final and (case.ahead or (last - day).days >= case.every)
        for place, starts in enumerate(case.starts):
            hour, minute = map(int, starts.split(":"))
            yield {
                "id": case_id * 100_000 + day.toordinal() % 5_000 * 10 + place,
                "urutan": number * len(case.starts) + place,
                "tanggal_sidang": day,
                "jam_sidang": dt.time(hour, minute),
                "agenda": "Pembacaan putusan" if final else case.agenda[(number + place) % len(case.agenda)],
                "ruangan": case.room,
                "ditunda": "Y" if adjourned else "T",
                "alasan_ditunda": REASONS[number % len(REASONS)] if adjourned else None,
                "edoc_bas": "bas_contoh.rtf" if over and case.minutes else None,
            }
