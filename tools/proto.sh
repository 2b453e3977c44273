#!/usr/bin/env bash
# The contract's tools. The path of a .proto below proto/ is the Python package of what
# is generated from it: proto/router/v1/agent.proto becomes router/v1/agent_pb2.py.
#
#   tools/proto.sh write   generate into the tree (committed, never edited)
#   tools/proto.sh check   fail if what is committed is not what would be generated
#   tools/proto.sh lint    buf's rules, and breaking changes since the last release
#   tools/proto.sh image   remember the contract as released (proto/last_release.binpb)
set -euo pipefail
cd "$(dirname "$0")/.."

bin=.venv/bin
released=proto/last_release.binpb

mapfile -t protos < <(cd proto && find router -name '*.proto' | LC_ALL=C sort)

generate() { # generate FOLDER
  local out=$1 with_services=() proto
  for proto in "${protos[@]}"; do
    if grep -q '^service ' "proto/$proto"; then with_services+=("$proto"); fi
  done
  # google/rpc and google/api ship inside googleapis-common-protos, beside the runtime.
  local includes=(-I proto -I "$("$bin/python" -c \
    'import sysconfig; print(sysconfig.get_path("purelib"))')")
  PATH="$PWD/$bin:$PATH" "$bin/python" -m grpc_tools.protoc "${includes[@]}" \
    --python_out="$out" --mypy_out="quiet:$out" "${protos[@]}"
  if [ "${#with_services[@]}" -gt 0 ]; then
    PATH="$PWD/$bin:$PATH" "$bin/python" -m grpc_tools.protoc "${includes[@]}" \
      --grpc_python_out="$out" --mypy_grpc_out="quiet:$out" "${with_services[@]}"
  fi
}

generated_files() { # generated_files FOLDER
  (cd "$1" && find router \( -name '*_pb2.py' -o -name '*_pb2.pyi' \
    -o -name '*_pb2_grpc.py' -o -name '*_pb2_grpc.pyi' \) | LC_ALL=C sort)
}

write() {
  local fresh file
  fresh=$(mktemp -d) && trap "rm -rf $fresh" EXIT
  generate "$fresh"
  while IFS= read -r file; do rm -f "$file"; done < <(generated_files .)
  cp -R "$fresh/router" .
}

check() {
  local fresh file stale=0
  fresh=$(mktemp -d) && trap "rm -rf $fresh" EXIT
  generate "$fresh"
  if ! diff <(generated_files "$fresh") <(generated_files .) >"$fresh/names"; then
    echo "proto: these files are missing (<) or come from no .proto any more (>):"
    grep '^[<>]' "$fresh/names"
    stale=1
  fi
  while IFS= read -r file; do
    if [ -f "$file" ] && ! cmp -s "$fresh/$file" "$file"; then
      echo "proto: $file is not what its .proto says"
      stale=1
    fi
  done < <(generated_files "$fresh")
  if [ "$stale" = 1 ]; then
    echo "proto: run 'make proto' and commit what it changes; never edit generated code"
    return 1
  fi
}

lint() {
  "$bin/buf" lint proto
  if [ -f "$released" ]; then "$bin/buf" breaking proto --against "$released"; fi
}

if [ "${#protos[@]}" = 0 ]; then
  echo "proto: there is no .proto below proto/router yet; nothing to do"
  exit 0
fi

case "${1:-}" in
  write) write ;;
  check) check ;;
  lint) lint ;;
  image) "$bin/buf" build proto -o "$released" ;;
  *)
    echo "usage: tools/proto.sh write | check | lint | image" >&2
    exit 2
    ;;
esac
