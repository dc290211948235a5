"""What is said without asking the engine, which alone knows the citizen's language: in Indonesian and in Javanese."""

MEDIA = (
    "Mohon maaf, saya belum bisa membuka foto, video, dokumen, atau pesan suara. "
    "Silakan ketik pertanyaan Anda, misalnya: *syarat akta kelahiran*."
    "\n\n"
    "Nyuwun pangapunten, kula dereng saged mbikak foto, video, dokumen, utawi pesen swara. "
    "Sumangga dipunserat pitakenan panjenengan."
)
LOCATION = (
    "Terima kasih, tetapi saya belum bisa membaca lokasi. Silakan ketik nama kantor atau layanan yang Anda cari."
    "\n\n"
    "Matur nuwun, nanging kula dereng saged maos lokasi. Sumangga dipunserat pitakenan panjenengan."
)
EMPTY = (
    "Pesan Anda kosong. Silakan ketik pertanyaan Anda, misalnya: *syarat akta kelahiran*."
    "\n\n"
    "Pesen panjenengan taksih kothong. Sumangga dipunserat pitakenanipun."
)
APOLOGY = (
    "Mohon maaf, sistem kami sedang terganggu sehingga pertanyaan Anda belum bisa dijawab. "
    "Silakan kirim lagi pertanyaan Anda beberapa saat lagi."
    "\n\n"
    "Nyuwun pangapunten, sistem kula saweg wonten alangan, pramila pitakenan panjenengan dereng saged dipunwangsuli. "
    "Sumangga dipunkintun malih sawetawis wekdal malih."
)
HURRY = (
    "Pesan Anda datang terlalu cepat, jadi yang barusan belum saya jawab. "
    "Mohon tunggu satu menit, lalu tulis pertanyaan Anda sekali lagi."
    "\n\n"
    "Pesen panjenengan dhatengipun kerikaten, dados ingkang nembe kemawon dereng kula wangsuli. "
    "Sumangga ngrantos semenit, lajeng pitakenanipun dipunserat malih."
)
WITHOUT_WORDS = {"media": MEDIA, "location": LOCATION}
"""The answer to a message of this kind in which nothing is written."""
