# The zsh that capture.zsh types into: every candidate that matches is printed behind a mark.
PROMPT='' RPROMPT='' PS2=''
unsetopt prompt_cr prompt_sp
autoload -Uz compinit && compinit -u -D
source "$1"
compadd() {
  local -a __found __options
  __options=("${@[1,(i)(-|--)]}")
  if (( ${__options[(I)-[OAD]*]} )); then
    builtin compadd "$@"
    return
  fi
  builtin compadd -O __found "$@"
  (( ! $#__found )) || printf '\n<m>%s' "${__found[@]}"
  print
  builtin compadd "$@"
}
finish() { print '\n<end>'; exit }
comppostfuncs=(finish)
print '<ready>'
