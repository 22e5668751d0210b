"""Certificates for the servers and clients of tests, made with openssl."""

import subprocess
from pathlib import Path

CONFIG = """
[ca]
default_ca = ours
[ours]
new_certs_dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
crlnumber = {folder}/crlnumber
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_crl_days = 30
policy = any
copy_extensions = copy
x509_extensions = leaf
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
x509_extensions = authority
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
EC = "ec -pkeyopt ec_paramgen_curve:prime256v1"


def openssl(*command: str) -> None:
    """Runs it; each argument is split at its spaces."""
    words = [word for part in command for word in part.split()]
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """One of its own, in a folder of its own.

    :ivar file: its certificate.
    """

    def __init__(self, folder: Path, name: str = "Authority") -> None:
        folder.mkdir()
        self._folder = folder
        self._config = folder / "openssl.cnf"
        self._config.write_text(CONFIG.format(folder=folder))
        (folder / "index.txt").touch()
        for number in ("serial", "crlnumber"):
            (folder / number).write_text("01\n")
        self.file = folder / "ca.pem"
        openssl(
            f"req -x509 -nodes -newkey {EC} -days 30 -config {self._config}",
            f"-subj /CN={name} -keyout {folder}/ca.key -out {self.file}",
        )

    def issue(
        self,
        name: str,
        hosts: str,
        *,
        begins: str = "20200101000000Z",
        ends: str = "20991231000000Z",
        key: str = EC,
    ) -> Path:
        """A certificate, and its key, in one file.

        :param name: that of the file, and of the subject.
        :param hosts: such as ``DNS:localhost,IP:127.0.0.1``.
        :param begins: when it begins to be valid, as ASN.1 has it.
        :param ends: likewise, when it ends.
        :param key: of what kind: what ``openssl req -newkey`` takes.
        """
        made = self._folder / f"{name}.pem"
        asked = made.with_suffix(".csr")
        openssl(
            f"req -new -nodes -newkey {key} -config {self._config}",
            f"-subj /CN={name} -addext subjectAltName={hosts}",
            f"-keyout {made.with_suffix('.key')} -out {asked}",
        )
        openssl(
            f"ca -batch -notext -config {self._config} -startdate {begins}",
            f"-enddate {ends} -in {asked} -out {made}",
        )
        made.write_text(made.read_text() + made.with_suffix(".key").read_text())
        return made

    def revoke(self, certificate: Path) -> Path:
        """The file of the list that has it."""
        made = self._folder / "crl.pem"
        openssl(f"ca -config {self._config} -revoke {certificate}")
        openssl(f"ca -config {self._config} -gencrl -out {made}")
        return made


def self_signed(folder: Path, host: str) -> Path:
    """A certificate that nobody else has signed, and its key, in one file."""
    made = folder / "self-signed.pem"
    openssl(
        f"req -x509 -nodes -newkey {EC} -days 30 -subj /CN={host}",
        f"-addext subjectAltName=DNS:{host}",
        f"-keyout {made.with_suffix('.key')} -out {made}",
    )
    made.write_text(made.read_text() + made.with_suffix(".key").read_text())
    return made
