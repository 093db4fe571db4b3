#!/usr/bin/env bash
# Prints what bash completes. Arguments: the script under test, then the words of the line, the last one unfinished.
# shellcheck disable=SC1090,SC2034
source "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_aegis
printf '%s\n' "${COMPREPLY[@]}"
