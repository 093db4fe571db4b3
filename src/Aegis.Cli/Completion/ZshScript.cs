using System.Text;

namespace Aegis.Cli.Completion;

/// <summary>The completion script for zsh 5: a file of <c>fpath</c>, or sourced after
/// <c>compinit</c>.</summary>
internal static class ZshScript
{
    private const string Walk = """
        _aegis_values() {
          local -a found
          case $1 in
            file) _files ;;
            words:*) found=(${(s:,:)${1#words:}}); compadd -a found ;;
            ask:*)
              found=(${(f)"$("${words[1]}" completion values "${1#ask:}" 2>/dev/null)"})
              compadd -a found
              ;;
          esac
        }

        _aegis() {
          local at=aegis word open='' kind
          local -a verbs options arguments
          local -i i place=1 repeats=0
          _aegis_verb "$at"
          for ((i = 2; i < CURRENT; i++)); do
            word=${words[i]}
            if [[ -n $open ]]; then open=''; continue; fi
            if [[ $word == -* ]]; then
              _aegis_option "$at" "$word"
              [[ $word == *=* ]] || open=$kind
            elif (( ${verbs[(I)$word:*]} )); then
              at+=" $word" place=1
              _aegis_verb "$at"
            else
              place+=1
            fi
          done
          if [[ -n $open ]]; then
            _aegis_values "$open"
          elif [[ ${words[CURRENT]} == -*=* ]]; then
            _aegis_option "$at" "${words[CURRENT]%%=*}"
            compset -P '*='
            _aegis_values "$kind"
          elif [[ ${words[CURRENT]} == -* ]]; then
            _describe -o option options
          else
            (( ! $#verbs )) || _describe verb verbs
            (( ! repeats || place <= $#arguments )) || place=$#arguments
            (( place > $#arguments )) || _aegis_values "${arguments[place]}"
          fi
        }

        if [[ ${funcstack[1]} == _aegis ]]; then _aegis "$@"; else compdef _aegis aegis chispart; fi
        """;

    public static string Of(IReadOnlyList<CompletedVerb> verbs)
    {
        var script = new StringBuilder("#compdef aegis chispart\n"
            + "# zsh completion for aegis; made by: aegis completion zsh\n\n"
            + "_aegis_verb() {\n  verbs=() options=() arguments=() repeats=0\n  case $1 in\n");
        foreach (var verb in verbs)
        {
            var verbsBelow = verb.Verbs.Select(v => Described(v.Name, v.Description));
            var options = verb.Options.SelectMany(o => o.Names.Select(n => Described(n, o.Description)));
            var arguments = verb.Arguments.Select(a => Quoted(BashScript.Kind(a)));
            script.Append($"    {Quoted(verb.Path)})\n"
                + $"      verbs=({string.Join(' ', verbsBelow)})\n"
                + $"      options=({string.Join(' ', options)})\n"
                + $"      arguments=({string.Join(' ', arguments)})"
                + (verb.LastRepeats ? " repeats=1" : "") + "\n      ;;\n");
        }
        script.Append("  esac\n}\n\n_aegis_option() {\n  kind=''\n  case \"$1 $2\" in\n");
        foreach (var verb in verbs)
        {
            foreach (var option in verb.Options.Where(o => o.Value is not null))
            {
                script.Append(
                    $"    {string.Join('|', option.Names.Select(n => Quoted($"{verb.Path} {n}")))}) "
                    + $"kind={Quoted(BashScript.Kind(option.Value!))} ;;\n");
            }
        }
        return script.Append("  esac\n}\n\n").Append(Walk).Append('\n').ToString();
    }

    private static string Described(string name, string description) =>
        Quoted($"{name.Replace(":", "\\:")}:{description}");

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";
}
