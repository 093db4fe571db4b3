#!/usr/bin/env zsh
# Prints what zsh completes: types the line into an interactive zsh on a terminal of its own, presses TAB, and reports
# what the completion system was given. Arguments: the script under test, the line.
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner "source ${(q)${0:A:h}}/inner.zsh ${(q)1}"
zpty -r inner ready '*<ready>*'
zpty -w -n inner "$2"$'\t'
zpty -r inner text '*<end>*'
print -r -- "$text" | tr -d '\r' | sed -n 's/^<m>//p'
zpty -d inner
