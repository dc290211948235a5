"""A MariaDB server of a test's own: to be stopped, started again and asked for encryption."""

from __future__ import annotations

import datetime as dt
import getpass
import shutil
import subprocess
import time
from pathlib import Path

import pymysql
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.instance import free_port


class Server:
    """`mariadbd` on a free port of 127.0.0.1; root has no password. `certificate`: file with key and certificate."""

    def __init__(self, folder: Path, certificate: Path | None = None):
        self.folder, self.port = folder, free_port()
        self.url = f"mysql+pymysql://root@127.0.0.1:{self.port}"
        self._tls = [f"--ssl-cert={certificate}", f"--ssl-key={certificate}"] if certificate else []
        self._process: subprocess.Popen[bytes] | None = None
        self._me = f"--user={getpass.getuser()}"
        install = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", self._me]
        quiet = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run([*install, *quiet], check=True, stdout=subprocess.DEVNULL, timeout=120)
        self.start()

    def start(self) -> None:
        place = [f"--datadir={self.folder}/data", f"--socket={self.folder}/s", f"--pid-file={self.folder}/pid"]
        port = ["--bind-address=127.0.0.1", f"--port={self.port}"]
        command = [shutil.which("mariadbd") or "mariadbd", "--no-defaults", self._me, *place, *port, *self._tls]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                self.run("SELECT 1")
                return
            except pymysql.err.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def run(self, *statements: str) -> None:
        """Executes statements as root."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True) as connection:
            for statement in statements:
                connection.cursor().execute(statement)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(30)


def certificate(file: Path, host: str) -> Path:
    """Writes a key and a certificate for `host`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SIPP Contoh")])
    today = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*form) + signed.public_bytes(serialization.Encoding.PEM))
    return file
