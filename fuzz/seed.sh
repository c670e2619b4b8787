#!/usr/bin/env bash
# Makes the seeds of the fuzz targets from the samples in tests/vectors: the same bytes, about the
# one order that the targets ask about.
set -euo pipefail
cd "$(dirname "$0")"
order=1763640000123ABCDEFGH
known='1FD7DA99-997C-4C27-99F9-40C1EC170D5C E4E0D212-789B-4914-A4EB-19550F751066
D3820833-F310-4658-BF98-52959454FCA0 c5a8e893-593a-4f0e-bb8d-2d912d6dad59
1C88FADB-75D2-4517-9C38-F273D423FFF3 7ea6c9d54c0b4bcb90c2a1212798e74d
12345677767776 22345677767776 20150324001069125999'

seed() {
    local target=$1 sample text
    shift
    rm -rf "seeds/$target"
    mkdir -p "seeds/$target"
    for sample in "$@"; do
        text=$(<"$sample")
        for number in $known; do text=${text//"$number"/$order}; done
        printf '%s\n' "$text" >"seeds/$target/$(basename "$sample")"
    done
}

vectors=../tests/vectors
seed json $vectors/sosopay-json/{zh,en,sdk}-*.json $vectors/sosopay-xml/v1-*.xml
seed xml $vectors/sosopay-xml/v1-*.xml
seed upay $vectors/upay/*.json
seed notification $vectors/sosopay-json/*-notification.json $vectors/sosopay-json/request-order.json \
    $vectors/sosopay-xml/v1-4-notification.xml $vectors/sosopay-xml/request-order.xml
