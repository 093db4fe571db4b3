using System.Text;

namespace Aegis.Cli.Completion;

/// <summary>The completion script for fish 3.</summary>
internal static class FishScript
{
    private const string Walk = """
        # where the cursor is: the verbs so far, then how many arguments stand before it
        function __aegis_at
            set -l at aegis
            set -l place 1
            set -l skip no
            set -l tokens (commandline -opc)
            for word in $tokens[2..]
                if test $skip = yes
                    set skip no
                else if string match -q -- '-*' $word
                    contains -- "$at $word" $__aegis_valued; and set skip yes
                else if contains -- "$at $word" $__aegis_verbs
                    set at "$at $word"
                    set place 1
                else
                    set place (math $place + 1)
                end
            end
            test "$at" = "$argv[1]"; or return 1
            test (count $argv) -eq 1; and return 0
            test $skip = no; or return 1
            test $place -eq $argv[2]; or begin
                test "$argv[3]" = more; and test $place -ge $argv[2]
            end
        end

        function __aegis_ask
            set -l tokens (commandline -opc)
            $tokens[1] completion values $argv[1] 2>/dev/null
        end
        """;

    public static string Of(IReadOnlyList<CompletedVerb> verbs)
    {
        var script = new StringBuilder("# fish completion for aegis; made by: aegis completion fish\n\n");
        script.Append($"set -g __aegis_verbs {string.Join(' ', verbs.SelectMany(v => v.Verbs
            .Select(below => Quoted($"{v.Path} {below.Name}"))))}\n");
        script.Append($"set -g __aegis_valued {string.Join(' ', verbs.SelectMany(v => v.Options
            .Where(o => o.Value is not null).SelectMany(o => o.Names.Select(n =>
                Quoted($"{v.Path} {n}")))))}\n\n");
        script.Append(Walk).Append("\n\nfor program in aegis chispart\n    complete -c $program -f\n");
        foreach (var verb in verbs)
        {
            foreach (var (name, description) in verb.Verbs)
            {
                Line(script, $"-n {At(verb.Path, " 1")} -a {name} -d {Quoted(description)}");
            }
            foreach (var option in verb.Options)
            {
                Line(script, $"-n {At(verb.Path, "")} {string.Join(' ', option.Names.Select(Named))} "
                    + $"-d {Quoted(option.Description)}{(option.Value is { } v ? Taken(v) : "")}");
            }
            for (var i = 0; i < verb.Arguments.Count; i++)
            {
                var more = verb.LastRepeats && i == verb.Arguments.Count - 1 ? " more" : "";
                if (Values(verb.Arguments[i]) is { Length: > 0 } values)
                {
                    Line(script, $"-n {At(verb.Path, $" {i + 1}{more}")}{values}");
                }
            }
        }
        return script.Append("end\n").ToString();
    }

    private static void Line(StringBuilder script, string rest) =>
        script.Append($"    complete -c $program {rest}\n");

    private static string At(string path, string rest) => $"\"__aegis_at '{path}'{rest}\"";

    private static string Named(string option) => option.StartsWith("--", StringComparison.Ordinal)
        ? $"-l {option[2..]}" : option.Length == 2 ? $"-s {option[1..]}" : $"-o {option[1..]}";

    // -x takes a value that is no file
    private static string Taken(CompletedValue value) =>
        (value.Kind == ValueKind.File ? " -r" : " -x") + Values(value);

    private static string Values(CompletedValue value) => value.Kind switch
    {
        ValueKind.File => " -F",
        ValueKind.Words => $" -a {Quoted(string.Join(' ', value.Words))}",
        ValueKind.Server => $" -a '(__aegis_ask {value.Words[0]})'",
        _ => "",
    };

    private static string Quoted(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";
}
