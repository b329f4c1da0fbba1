#!/bin/sh
# Prepares what is missing (secret, tables, model; the demonstration district when LINLI_DEMO=1), then serves one role.
set -eu
role="${1:-all}"
case "$role" in
  all|web|worker|scheduler) ;;
  *) exec linli "$@" ;;
esac
if [ "$role" = all ] || [ "$role" = scheduler ]; then
  linli init
  if [ "${LINLI_DEMO:-0}" = 1 ]; then linli demo --if-empty; fi
  linli nlu train --if-missing
fi
exec linli serve --role "$role" --host 0.0.0.0 --port 8000
