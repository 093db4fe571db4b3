using System.Text;

namespace Aegis.Cli.Completion;

/// <summary>The completion script for bash 4 and newer.</summary>
internal static class BashScript
{
    private const string Walk = """
        _aegis() {
          local current=${COMP_WORDS[COMP_CWORD]} at=aegis place=0 open='' word i
          local verbs options arguments repeats kind
          COMPREPLY=()
          _aegis_verb "$at"
          for ((i = 1; i < COMP_CWORD; i++)); do
            word=${COMP_WORDS[i]}
            # bash makes a word of its own of =
            if [[ $word == '=' ]]; then continue; fi
            if [[ -n $open ]]; then open=''; continue; fi
            if [[ $word == -* ]]; then
              _aegis_option "$at" "$word"
              [[ -z $kind ]] || open=$kind
            elif [[ " $verbs " == *" $word "* ]]; then
              at+=" $word" place=0
              _aegis_verb "$at"
            else
              place=$((place + 1))
            fi
          done
          [[ $current != '=' ]] || current=''
          if [[ -n $open ]]; then
            _aegis_values "$open"
          elif [[ $current == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
          else
            mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
            local -a kinds
            read -ra kinds <<<"$arguments"
            if [[ $repeats == yes && $place -ge ${#kinds[@]} ]]; then place=$((${#kinds[@]} - 1)); fi
            [[ $place -ge ${#kinds[@]} ]] || _aegis_values "${kinds[place]}"
          fi
        }

        _aegis_values() {
          local names
          local -a found=()
          case $1 in
            file) compopt -o filenames 2>/dev/null; mapfile -t found < <(compgen -f -- "$current") ;;
            words:*) mapfile -t found < <(compgen -W "$(tr , ' ' <<<"${1#words:}")" -- "$current") ;;
            ask:*)
              names=$("${COMP_WORDS[0]}" completion values "${1#ask:}" 2>/dev/null)
              mapfile -t found < <(compgen -W "$names" -- "$current")
              ;;
          esac
          COMPREPLY+=("${found[@]}")
        }

        complete -F _aegis aegis chispart
        """;

    public static string Of(IReadOnlyList<CompletedVerb> verbs)
    {
        var script = new StringBuilder("# bash completion for aegis; made by: aegis completion bash\n\n"
            + "_aegis_verb() {\n  verbs='' options='' arguments='' repeats=no\n  case $1 in\n");
        foreach (var verb in verbs)
        {
            script.Append($"    '{verb.Path}')\n"
                + $"      verbs='{string.Join(' ', verb.Verbs.Select(v => v.Name))}'\n"
                + $"      options='{string.Join(' ', verb.Options.SelectMany(o => o.Names))}'\n"
                + $"      arguments='{string.Join(' ', verb.Arguments.Select(Kind))}'"
                + (verb.LastRepeats ? " repeats=yes" : "") + "\n      ;;\n");
        }
        script.Append("  esac\n}\n\n_aegis_option() {\n  kind=''\n  case \"$1 $2\" in\n");
        foreach (var verb in verbs)
        {
            foreach (var option in verb.Options.Where(o => o.Value is not null))
            {
                script.Append($"    {string.Join(" | ", option.Names.Select(n => $"'{verb.Path} {n}'"))}) "
                    + $"kind='{Kind(option.Value!)}' ;;\n");
            }
        }
        return script.Append("  esac\n}\n\n").Append(Walk).Append('\n').ToString();
    }

    public static string Kind(CompletedValue value) => value.Kind switch
    {
        ValueKind.File => "file",
        ValueKind.Words => "words:" + string.Join(',', value.Words),
        ValueKind.Server => "ask:" + value.Words[0],
        _ => "text",
    };
}
