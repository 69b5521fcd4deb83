"""The archive on real texts in three languages, beside notmuch (Xapian) on the same mails.

The texts are what Debian's packages carry: manuals in English and French, translations of programs in Arabic. They are fetched with
apt-get and unpacked, not installed, into bench/results/texts, so that every machine measures with the same."""

import base64
import binascii
import filecmp
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import struct
import subprocess
import time

from harness.majlis import program

PACKAGES = ["manpages", "manpages-dev", "manpages-fr", "manpages-fr-dev", "libreoffice-l10n-ar", "evolution-common", "gimp-data",
            "gnome-control-center-data", "libgtk-3-common", "nautilus-data", "vlc-l10n"]
PEOPLE = [("Anna Berrada", "anna"), ("Badr Alaoui", "badr"), ("Chama Idrissi", "chama"), ("Driss El Fassi", "driss"),
          ("Élodie Martin", "elodie"), ("فاطمة الزهراء", "fatima"), ("Ghali Tazi", "ghali"), ("حسن بنعلي", "hassan"),
          ("Inès Lefèvre", "ines"), ("James Carter", "james")] + [(f"Membre {n}", f"m{n}") for n in range(300)]
BEGIN = 1_420_070_400  # 2015


def _fetch(folder):
    """The packages' files, unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        if (folder / name).exists():
            continue
        subprocess.run(["apt-get", "-q", "download", name], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for package in folder.glob(f"{name}_*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(package), str(folder / name)], check=True)
            package.unlink()


def _manuals(roots, languages):
    """Paragraphs of manual pages."""
    for root in roots:
        for language in languages:
            for page in sorted((root / language).glob("man[1-8]/*")) if (root / language).is_dir() else []:
                try:
                    data = gzip.decompress(page.read_bytes()) if page.suffix == ".gz" else page.read_bytes()
                except OSError:
                    continue
                text = re.sub(r"\\f.|\\[&|^]", "", data.decode("utf-8", "replace")).replace("\\-", "-").replace("\\(aq", "'")
                paragraph = []
                for line in text.splitlines():
                    if line.startswith((".", "'")) or not line.strip():
                        if sum(map(len, paragraph)) > 80:
                            yield "\n".join(paragraph)
                        paragraph = []
                    elif "\\" not in line:
                        paragraph.append(line)


def _translations(files):
    """Sentences of .mo files, as GNU gettext lays them out, put together into paragraphs."""
    sentences = []
    for file in files:
        data = file.read_bytes()
        if data[:4] != b"\xde\x12\x04\x95":
            continue
        count, _, table = struct.unpack_from("<III", data, 8)
        for number in range(count):
            length, at = struct.unpack_from("<II", data, table + 8 * number)
            text = re.sub(r"<[^>]*>|%\S*|[_~&$]", "", data[at:at + length].split(b"\0")[0].decode("utf-8", "replace")).strip()
            if len(text) > 15 and not text.startswith("Project-Id"):
                sentences.append(text.replace("\n", " "))
    sentences = sorted(set(sentences))
    rand = random.Random(3)
    for _ in range(4):  # there are fewer translations than manuals: the same sentences in other company
        rand.shuffle(sentences)
        for at in range(0, len(sentences) - 4, 4):
            yield "\n".join(sentences[at:at + 4])


def texts(folder, fetch):
    """{"fr": [paragraph...], "ar": ..., "en": ...}; where nothing is fetched, of those that this machine has."""
    if fetch:
        _fetch(folder)
    folder.mkdir(parents=True, exist_ok=True)
    roots = sorted(part / "usr/share/man" for part in folder.iterdir() if part.is_dir()) if fetch else [pathlib.Path("/usr/share/man")]
    french = list(_manuals(roots, ["fr"]))
    english = list(_manuals(roots, ["."]))
    arabic = list(_translations(sorted(folder.glob("*/usr/**/ar/LC_MESSAGES/*.mo") if fetch else
                                       pathlib.Path("/usr/share/locale/ar/LC_MESSAGES").glob("*.mo"))))
    if not french:
        french = list(_translations(sorted(pathlib.Path("/usr/share/locale/fr/LC_MESSAGES").glob("*.mo"))))
    found = {"fr": french, "ar": arabic, "en": english}
    if fetch:
        assert all(len(paragraphs) > 10_000 for paragraphs in found.values()), {name: len(texts) for name, texts in found.items()}
    return {language: paragraphs for language, paragraphs in found.items() if len(paragraphs) > 20}


def _word(text):
    return text if text.isascii() else "=?utf-8?B?" + base64.b64encode(text.encode()).decode() + "?="


def _mail(rand, number, author, subject, body, parent, sent):
    name, local = author
    lines = [f"Received: from mx{number % 7}.example.org by mail.maimc.org with ESMTPS id {number:08x}",
             f"        for <rabat@maimc.org>; {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(sent + 3))}",
             f"From: {_word(name)} <{local}@example.org>", "To: rabat@maimc.org", f"Subject: {_word(subject)}",
             f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(sent))}", f"Message-ID: <{number}.bench@example.org>"]
    if parent is not None:
        lines += [f"In-Reply-To: <{parent}.bench@example.org>", f"References: <{parent}.bench@example.org>"]
    data = body.encode()
    lines.append("MIME-Version: 1.0")
    kind = ["Content-Type: text/plain; charset=utf-8"]
    way = rand.random()
    if way < 0.3:
        kind.append("Content-Transfer-Encoding: quoted-printable")
        data = binascii.b2a_qp(data)
    elif way < 0.45:
        kind.append("Content-Transfer-Encoding: base64")
        data = base64.encodebytes(data)
    else:
        kind.append("Content-Transfer-Encoding: 8bit")
    if rand.random() < 0.02:
        file = base64.encodebytes(rand.randbytes(6_000)).decode()
        data = (f"--b{number}\n" + "\n".join(kind) + "\n\n").encode() + data + (
            f"\n--b{number}\nContent-Type: application/pdf; name=\"compte-rendu-{number}.pdf\"\n"
            f"Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n{file}--b{number}--\n").encode()
        kind = [f"Content-Type: multipart/mixed; boundary=b{number}"]
    return ("\n".join([*lines, *kind]) + "\n\n").encode() + data


def write_mails(path, maildir, paragraphs, count):
    """`count` posts in threads of 1 to 12, as an mbox and as files of a Maildir: an answer quotes some lines of what it answers."""
    rand = random.Random(7)
    languages = [language for language, share in (("fr", 45), ("ar", 30), ("en", 25)) if language in paragraphs for _ in range(share)]
    number, sent = 0, BEGIN
    with open(path, "wb") as out:
        while number < count:
            pool = paragraphs[rand.choice(languages)]
            subject = " ".join(rand.choice(pool).split()[:rand.randint(3, 8)])[:70]
            written = []
            for place in range(min(rand.choice((1, 1, 2, 3, 4, 6, 8, 12)), count - number)):
                body = "\n\n".join(rand.choice(pool) for _ in range(rand.randint(1, 5))) + "\n"
                parent = None
                if place:
                    parent, old = rand.choice(written)
                    body = "".join("> " + line + "\n" for line in old.splitlines()[:8]) + "\n" + body
                written.append((number, body))
                sent += rand.randint(600, 5_700)
                author = rand.choice(PEOPLE)
                raw = _mail(rand, number, author, ("Re: " if place else "") + subject, body, parent, sent).rstrip(b"\n") + b"\n"
                (maildir / f"{number}.bench:2,S").write_bytes(raw)
                raw = re.sub(rb"(?m)^(>*From )", rb">\1", raw)
                day = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(sent))
                out.write(f"From {author[1]}@example.org {day}\n".encode() + raw + b"\n")
                number += 1
    return path


OPERATORS = {"and", "or", "not", "xor", "near", "adj"}  # of notmuch, in whatever case


def queries(paragraphs, count):
    """What people look for: words as they stand in the texts, so frequent ones often, two words, phrases, filters."""
    rand = random.Random(11)
    found = []
    while len(found) < count:
        words = [word for word in re.findall(r"[^\W\d_]+", rand.choice(paragraphs[rand.choice(sorted(paragraphs))])) if len(word) > 2]
        words = [word for word in words if word.lower() not in OPERATORS]
        if len(words) < 6:
            continue
        at = rand.randrange(len(words) - 3)
        found.append(rand.choice([words[at], " ".join(rand.sample(words, 2)), f'"{words[at]} {words[at + 1]}"',
                                  f"{words[at]} from:{rand.choice(PEOPLE)[1]}", f"subject:{words[at]}", " ".join(rand.sample(words, 3))]))
    return found


def _timed(command, environment):
    begun = time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return (time.monotonic() - begun) * 1000, done.stdout


def _percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Notmuch:
    """The peer: the same mails as a Maildir, indexed by notmuch."""

    def __init__(self, folder):
        self.folder = folder
        config = self.folder / "config"
        config.write_text(f"[database]\npath={self.folder / 'mail'}\n[user]\nname=b\nprimary_email=b@example.org\n[new]\ntags=\n"
                          "[maildir]\nsynchronize_flags=false\n")
        self.environment = {**os.environ, "NOTMUCH_CONFIG": str(config)}

    def index(self):
        begun = time.monotonic()
        subprocess.run(["notmuch", "new", "--quiet"], env=self.environment, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return time.monotonic() - begun

    def search(self, query):
        return _timed(["notmuch", "search", "--format=json", "--output=messages", "--limit=20", query], self.environment)

    def size(self):
        return sum(file.stat().st_size for file in (self.folder / "mail" / ".notmuch").rglob("*") if file.is_file())


def measure(bench):
    count = bench.size["archive"]
    folder = bench.scene.home / "archive"
    for part in ("cur", "new", "tmp"):
        (folder / "notmuch" / "mail" / part).mkdir(parents=True)
    paragraphs = texts(pathlib.Path(__file__).resolve().parents[1] / "results" / "texts", fetch=count >= 10_000)
    mbox = write_mails(folder / "posts.mbox", folder / "notmuch" / "mail" / "cur", paragraphs, count)
    asked = queries(paragraphs, 30 if count < 10_000 else 300)
    megabytes = mbox.stat().st_size / 1e6
    majlis = bench.installed(1)
    begun = time.monotonic()
    report = majlis.json("archive", "import", "rabat", mbox, timeout=7200)
    seconds = time.monotonic() - begun
    assert report["added"] == count and not report["broken"], report
    export = folder / "export.mbox"
    majlis.run("archive", "export", "rabat", export, timeout=3600)
    assert filecmp.cmp(export, mbox, shallow=False), "an export is not what was imported, byte for byte"
    size = sum(file.stat().st_size for file in majlis.folder.glob("majlis.db*")) / 1e6
    ours = [_timed([program("majlis"), "archive", "search", "--json", "--", query], majlis.environment) for query in asked]
    print(f"  {sum(len(json.loads(out)) > 0 for _, out in ours)} of {len(asked)} queries found something")
    times = [taken for taken, _ in ours]
    slowest = sorted(zip(times, asked))[-3:]
    print(f"  the slowest: {slowest}")
    theirs, peer_seconds, peer_size = None, None, None
    if shutil.which("notmuch"):
        peer = Notmuch(folder / "notmuch")
        peer_seconds, peer_size = peer.index(), peer.size() / 1e6
        theirs = [peer.search(query)[0] for query in asked]
    name = f"archive of {count:,} posts ({megabytes:,.0f} MB as mbox)"

    def beside(value):
        return [("notmuch", [value])] if theirs else []

    bench.note(f"{name}: import", "posts/s", [count / seconds], beside(peer_seconds and count / peer_seconds))
    bench.note(f"{name}: database, with the mails (notmuch: index alone)", "MB", [size], beside(peer_size))
    for share in (0.5, 0.95):
        bench.note(f"{name}: search, p{share * 100:.0f}", "ms", [_percentile(times, share)],
                   beside(theirs and _percentile(theirs, share)))
    bench.note(f"{name}: search, mean", "ms", [statistics.mean(times)], beside(theirs and statistics.mean(theirs)))
    shutil.rmtree(folder)
