#!/usr/bin/env bash
# Builds the git repository of a sample with the same commits on every machine.
#   make-repo.sh NAME DEST            main, and a feature branch with the planted defect
#   make-repo.sh NAME DEST --repair   adds the next commit of that branch, which repairs it
# Prints the branch and its commit.
set -euo pipefail

usage() { echo "usage: make-repo.sh node-app|python-app DEST [--repair]" >&2; exit 64; }
[ $# -ge 2 ] || usage
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$1 dest=$2 step=${3:-}
case $name in
  node-app) branch=feat/discount-formulas added="discount formulas" mended="a discount formula is data, never code" ;;
  python-app) branch=feat/archive added="pack finished counts" mended="a file name is data, never shell text" ;;
  *) usage ;;
esac

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME="Sam Sample" GIT_AUTHOR_EMAIL=sam@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

commit() { # overlay, date, message
  cp -R "$here/$name/$1/." "$dest/"
  find "$dest" -path "$dest/.git" -prune -o -type f -exec chmod 644 {} +
  git -C "$dest" add --all
  GIT_AUTHOR_DATE=$2 GIT_COMMITTER_DATE=$2 git -C "$dest" commit --quiet --message "$3"
}

case $step in
  "")
    [ ! -e "$dest" ] || { echo "make-repo.sh: $dest is there already" >&2; exit 73; }
    git init --quiet --initial-branch main "$dest"
    commit base 2026-01-05T09:00:00Z "feat: first version"
    git -C "$dest" checkout --quiet -b "$branch"
    commit feature 2026-01-06T09:00:00Z "feat: $added"
    ;;
  --repair)
    git -C "$dest" checkout --quiet "$branch"
    commit fix 2026-01-07T09:00:00Z "fix: $mended"
    ;;
  *) usage ;;
esac
printf '%s %s\n' "$branch" "$(git -C "$dest" rev-parse HEAD)"
