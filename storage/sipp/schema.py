"""SIPP's tables as far as they matter here, to build the demonstration and the databases of the tests.

Names as public tools use them. Each table also has columns that Sapa never reads (parties, verdicts), so that tests can
show that they stay in the court.
"""

from sqlalchemy import CHAR, Column, Date, DateTime, Integer, MetaData, String, Table, Text, Time

METADATA = MetaData()

CASE = Table(
    "perkara",
    METADATA,
    Column("perkara_id", Integer, primary_key=True),
    Column("alur_perkara_id", Integer),
    Column("tanggal_pendaftaran", Date),
    Column("jenis_perkara_id", Integer),
    Column("jenis_perkara_nama", String(255)),
    Column("nomor_perkara", String(50)),
    Column("pihak1_text", Text),
    Column("pihak2_text", Text),
    Column("para_pihak", Text),
    Column("pihak_dipublikasikan", CHAR(1)),
    Column("petitum", Text),
    Column("tahapan_terakhir_id", Integer),
    Column("tahapan_terakhir_text", String(100)),
    Column("proses_terakhir_id", Integer),
    Column("proses_terakhir_text", String(100)),
    Column("diinput_tanggal", DateTime),
    Column("diperbaharui_tanggal", DateTime),
)
HEARING = Table(
    "perkara_jadwal_sidang",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("urutan", Integer),
    Column("tanggal_sidang", Date),
    Column("jam_sidang", Time),
    Column("sampai_jam", Time),
    Column("agenda", Text),
    Column("ruangan_id", Integer),
    Column("ruangan", String(100)),
    Column("dihadiri_oleh", String(50)),
    Column("ditunda", CHAR(1)),
    Column("alasan_ditunda", Text),
    Column("keterangan", Text),
    Column("edoc_bas", String(255)),
    Column("diinput_tanggal", DateTime),
    Column("diperbaharui_tanggal", DateTime),
)
DECISION = Table(
    "perkara_putusan",
    METADATA,
    Column("perkara_id", Integer, primary_key=True),
    Column("tanggal_putusan", Date),
    Column("status_putusan_id", Integer),
    Column("status_putusan_nama", String(100)),
    Column("amar_putusan", Text),
    Column("tanggal_minutasi", Date),
    Column("tanggal_bht", Date),
)
APPOINTMENT = Table(
    "perkara_penetapan",
    METADATA,
    Column("perkara_id", Integer, primary_key=True),
    Column("penetapan_majelis_hakim", Date),
    Column("majelis_hakim_id", String(100)),
    Column("majelis_hakim_nama", Text),
    Column("majelis_hakim_text", Text),
    Column("penetapan_panitera_pengganti", Date),
    Column("panitera_pengganti_id", String(100)),
    Column("panitera_pengganti_text", Text),
    Column("penetapan_jurusita", Date),
    Column("penetapan_hari_sidang", Date),
    Column("sidang_pertama", Date),
)
HEARING_DAY = Table(
    "perkara_penetapan_hari_sidang",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("jadwalsidang_id", Integer),
    Column("tanggal_penetapan", Date),
    Column("tanggal_sidang", Date),
)
JUDGE = Table(
    "perkara_hakim_pn",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("urutan", Integer),
    Column("jabatan_hakim_id", Integer),
    Column("hakim_id", Integer),
    Column("hakim_nama", String(150)),
    Column("aktif", CHAR(1)),
)
CLERK = Table(
    "perkara_panitera_pn",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("urutan", Integer),
    Column("panitera_id", Integer),
    Column("panitera_nama", String(150)),
    Column("aktif", CHAR(1)),
)
BAILIFF = Table(
    "perkara_jurusita",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("urutan", Integer),
    Column("jurusita_id", Integer),
    Column("jurusita_nama", String(150)),
    Column("aktif", CHAR(1)),
)
MEDIATION = Table(
    "perkara_mediasi",
    METADATA,
    Column("mediasi_id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("penetapan_penunjukan_mediator", Date),
    Column("mediator_text", String(255)),
    Column("dimulai_mediasi", Date),
    Column("keputusan_mediasi", Date),
    Column("hasil_mediasi", String(5)),
    Column("isi_kesepakatan_perdamaian", Text),
)
DETENTION = Table(
    "penahanan_terdakwa",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("perkara_id", Integer, index=True),
    Column("pihak_id", Integer),
    Column("jenis_penahanan_id", Integer),
    Column("mulai", Date),
    Column("sampai", Date),
    Column("keterangan", Text),
)
CONFIG = Table(
    "sys_config",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(100)),
    Column("value", Text),
)
