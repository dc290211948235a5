import time

import pytest

from office.names import mask_names

# Invented people. What stands in angle brackets has to go, all else has to stay.
ANNOUNCED = """
nama saya <Siti Contoh>
Nama saya <Budi Contoh>, umur 35
nama saya <siti aminah contoh> mau urus ktp
nama sy <joko contoh>, kk hilang
nama lengkap: <Siti Aminah Contoh>
Nama : <Karmin Contoh>
nama <karmin contoh> alamat dusun krajan
nama lengkap saya adalah <Rina Contoh> dari Gedeg
NAMA SAYA <SITI CONTOH> MAU URUS KTP
KTP atas nama <Budi Contoh> sudah jadi?
ktp atas nama <budi contoh> apa sudah jadi
KK a.n. <Slamet Contoh> ada di loket?
akta a/n <sulastri contoh> belum diambil
surat atas nama <Budi> dan <Ani>
atas nama ibu saya, <Sri Contoh>
atas nama anak saya <Rizki Contoh>
saya Pak <Slamet> dari Jagalan
saya pak <slamet> mau tanya syarat pindah
saya ini Bu <Tutik>, yang kemarin antre
perkenalkan, saya <Dewi Contoh> mau tanya
perkenalkan nama saya <dewi>
kenalkan saya <wahyu>, mau bikin akta
panggil saja <Yanto>
saya biasa dipanggil <Gito>
anak saya bernama <Putri Contoh>
bayi kami diberi nama <Aisyah Contoh>, lahir kemarin
anak saya namanya <Rizki>
suami saya namanya <agus contoh> sudah meninggal
nama anak pertama saya <Bintang Contoh>
nama ibu kandung <Sumiati>
nama bapak <Paijo Contoh> salah tulis di KK
nama istri saya <Indah Lestari>
nama almarhum bapak <Kasiran>
nama saya <Siti>, nama suami <Joko>
nama saya <M. Yusuf Contoh>
nama saya <Moh. Contoh> pak
nama saya Hj. <Maryam>
nama saya di KTP <Suparno>, di KK <Soeparno>
nama saya di KK tertulis <Sulastri>, seharusnya <Sulastri Ningsih>
nama di akta <Sumini>, yang benar <Sumini Contoh>
ganti nama dari <Sumini> menjadi <Sri Contoh>
nama saya "<Ma'ruf>"
namaku <sugeng> umur 40
jenengku <Paijo> arep takon
jenengku <paijo contoh> arep ngurus ktp
jenenge anakku <slamet>, isih bayi
jenenge bojoku <Tumini>
jeneng kula <Ponirah>
nami kula <Sutrisno> saking Jagalan
nami kula <sutrisno contoh> badhe nyuwun pirsa
asmanipun bapak kula <Sukarno Contoh>
asmanipun <Rahayu>, sampun seda
kulo Bu <Sri> badhe tanglet
kula Pak <Bejo>, griya kula Jagalan
aku mbak <yuni>, kate takon
aku cak <Man>, ktpku ilang
lare kula dipunparingi nami <Galuh Contoh>
putrane diparingi asma <Galuh>
perkenalkan kula <Wagimin>
nm saya <tukiman contoh>
""".strip().splitlines()
TALK = """
nama di KTP salah
nama saya salah tulis di KK
nama saya keliru di akta kelahiran
nama saya beda dengan ijazah
nama saya kurang satu huruf
nama saya belum masuk KK
nama saya tidak ada di KK
nama saya cuma satu kata, bisa bikin paspor?
nama saya dobel di sistem
nama saya di KTP dan KK beda
nama saya tercantum di KK lama
nama saya terlalu panjang
nama saya ditolak sistem
nama saya mau diganti
nama saya kepanjangan di akta
nama saya tertukar dengan adik
namaku salah, piye carane mbenakno
namanya salah satu huruf
apa namanya surat itu
yang namanya legalisir itu apa
ganti nama anak
ganti nama di akta
mau tambah nama ayah di akta anak
nama ibu di akta keliru
nama ibu kandung salah
nama orang tua di KK keliru
nama anak belum ada di KK
nama bapak saya di akta salah ketik
nama bayi boleh menyusul?
nama jalan di KTP berubah
nama desa di KK salah
nama petugas loketnya siapa?
nama lengkap harus sesuai ijazah?
nama panggilan boleh dipakai di KTP?
atas nama perusahaan
atas nama orang tua
atas nama sendiri bisa?
atas nama siapa suratnya
atas nama saya atau suami?
STNK atas nama PT boleh?
saya pak, mau tanya
saya pak sudah antre dari pagi
saya ibu rumah tangga
saya bapak tiga anak
saya warga Jagalan
saya mbak yang kemarin
perkenalkan saya warga baru
ini bu KTP saya
ini pak, sudah saya kirim
jenengku salah nang KK
jenengku kleru siji huruf
jenengku ana sing kleru
jenenge anakku durung mlebu KK
jenenge bapak nang akta kleru
nami kula lepat wonten KK
nami kula dereng wonten ing KK
asmanipun rama wonten akta klentu
asmanipun kirang setunggal aksara
ganti jeneng syarate opo
siapa nama kepala dinas?
nama saya seharusnya pakai huruf y
sertifikat tertulis tangan boleh?
jadi bagaimana?
aku mas, sing wingi takon
""".strip().splitlines()


@pytest.mark.parametrize("marked", ANNOUNCED)
def test_announced_names(marked):
    text = marked.replace("<", "").replace(">", "")
    hidden = "".join("[nama]" + rest.partition(">")[2] if i else rest for i, rest in enumerate(marked.split("<")))
    assert mask_names(text) == hidden
    assert mask_names(hidden) == hidden


@pytest.mark.parametrize("text", TALK)
def test_talk_about_names_stays(text):
    assert mask_names(text) == text
    assert mask_names(f"Selamat pagi. {text.capitalize()}") == f"Selamat pagi. {text.capitalize()}"


def test_a_name_ends_somewhere():
    assert mask_names("nama saya aa bb cc dd ee") == "nama saya [nama] ee"
    assert mask_names("nama saya siti 35 tahun") == "nama saya [nama] 35 tahun"
    assert mask_names("nama: Siti\nalamat: Krajan") == "nama: [nama]\nalamat: Krajan"


@pytest.mark.parametrize("text", ["nama saya " * 2000, "nama " * 5000, "saya pak " * 3000, "a.n. siti dan " * 2000])
def test_long_texts_are_quick(text):
    begun = time.perf_counter()
    mask_names(text)
    assert time.perf_counter() - begun < 2
