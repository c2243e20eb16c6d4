"""Read a box from a store on a web server, without downloading the store.

    python read_url.py https://example.org/video.stf

Needed: pip install 'stfrag[url]', and a server that answers ranged requests, as object storage and all common web
servers do. Opening fetches the end of the file, where the index is; a read fetches the fragments that it needs.
"""

import sys

import stfrag

if __name__ == "__main__":
    with stfrag.open(sys.argv[1]) as reader:
        frames, height, width = reader.shape[:3]
        middle = frames // 2
        box = reader[middle : middle + 4, : height // 4, : width // 4]
        whole = reader.info()["file_bytes"]
        print(f"{reader!r}: a box of {box.shape}, mean {box.mean():.2f}")
        print(f"{reader.stats['bytes']:,} of its {whole:,} bytes were coded samples that had to be fetched")
