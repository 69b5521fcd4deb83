"""A certificate authority for one test run, and certificates that are right, expired, or for somebody else."""

from . import process

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ca_file = folder / "ca.crt"
        process.run(["openssl", "req", "-x509", *_KEY, "-keyout", folder / "ca.key", "-out", self.ca_file,
                     "-subj", "/CN=majlis test CA", "-days", "3650"])

    def issue(self, name, host="localhost", days=365, address="127.0.0.1"):
        """(certificate, key) for host. With days < 0 it has expired."""
        stem = self.folder / name
        certificate, key, request = (stem.with_suffix(end) for end in (".crt", ".key", ".csr"))
        extension = stem.with_suffix(".ext")
        names = f"DNS:{host}" + (f",IP:{address}" if address else "")
        extension.write_text(f"subjectAltName={names}\n")
        process.run(["openssl", "req", *_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={host}"])
        process.run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self.folder / "ca.key",
                     "-CAcreateserial", "-days", str(days), "-extfile", extension, "-out", certificate])
        return certificate, key
