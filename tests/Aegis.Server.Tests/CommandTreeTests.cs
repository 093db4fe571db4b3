using System.CommandLine;
using System.CommandLine.Parsing;
using Aegis.Cli;

namespace Aegis.Server.Tests;

/// <summary>What help says of every command, and what a wrong word gets.</summary>
public sealed class CommandTreeTests
{
    public static TheoryData<string> Verbs => [.. Leaves().Select(l => l.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_HasADescriptionAndExamplesThatParse(string path)
    {
        var (_, verb) = Leaves().Single(l => l.Path == path);
        Assert.False(string.IsNullOrWhiteSpace(verb.Description));
        var examples = Assert.IsType<Verb>(verb).Examples;
        Assert.NotEmpty(examples);
        foreach (var example in examples.Select(OfAegis))
        {
            var parsed = Root().Parse(CommandLineParser.SplitCommandLine(example).Skip(1).ToArray());
            Assert.Empty(parsed.Errors);
            Assert.Same(verb.Name, parsed.CommandResult.Command.Name);
        }
        var (status, output, _) = await InvokeAsync([.. path.Split(' ').Skip(1), "--help"]);
        Assert.Equal(0, status);
        Assert.DoesNotContain($"  {RootCommand.ExecutableName} ", output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  " + examples[0], output, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_AllHaveADescription() =>
        Assert.Empty(Leaves().SelectMany(l => l.Command.Options.Where(o =>
            string.IsNullOrEmpty(o.Description))
            .Select(o => $"{l.Path} {o.Name}")));

    [Theory]
    [InlineData("AEGIS7024", "aegis has no verb statsu", "did you mean status?", "statsu")]
    [InlineData("AEGIS7024", "aegis runs has no verb lst", "did you mean list?", "runs", "lst")]
    [InlineData("AEGIS7024", "aegis has no verb zzzzzz", "one of run, fix, runs", "zzzzzz")]
    [InlineData("AEGIS7025", "aegis run has no option --detech", "did you mean --detach?", "run", "--detech")]
    [InlineData("AEGIS7025", "aegis run has no option --detech", "--detach", "run", "a.yaml", "--detech")]
    [InlineData("AEGIS7025", "aegis runs show has no option --jsn", "did you mean --json?", "runs", "show",
        "r", "--jsn")]
    [InlineData("AEGIS7001", "aegis status takes no further argument: now", "", "status", "now")]
    [InlineData("AEGIS7001", "Required argument missing", "", "run")]
    public async Task WrongWord_IsNamedWithTheNearest(string code, string message, string near,
        params string[] arguments)
    {
        var (status, _, error) = await InvokeAsync(arguments);
        Assert.Equal(2, status);
        Assert.StartsWith($"aegis: {code}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains(near, error, StringComparison.Ordinal);
        Assert.Contains("mend: see aegis", error, StringComparison.Ordinal);
    }

    // an example may pipe something in, or send the output to a file
    private static string OfAegis(string example)
    {
        var from = example.StartsWith("aegis ", StringComparison.Ordinal) ? 0
            : Math.Max(example.IndexOf("aegis ", StringComparison.Ordinal), 0);
        var line = example[from..].Split(" > ")[0].Split(" >> ")[0];
        return from == 0 ? line : line.TrimEnd('\'', '"', ')');
    }

    private static IEnumerable<(string Path, Command Command)> Leaves() => Below("aegis", Root());

    private static IEnumerable<(string Path, Command Command)> Below(string path, Command command)
    {
        foreach (var child in command.Subcommands)
        {
            if (child.Action is not null)
            {
                yield return ($"{path} {child.Name}", child);
            }
            foreach (var below in Below($"{path} {child.Name}", child))
            {
                yield return below;
            }
        }
    }

    private static RootCommand Root() =>
        CommandLine.Build(new Terminal(TextWriter.Null, TextWriter.Null, false, 80, _ => null));

    private static async Task<(int Status, string Out, string Error)> InvokeAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.InvokeAsync(arguments,
            new Terminal(output, error, false, 100, _ => null), CancellationToken.None);
        return (status, output.ToString(), error.ToString());
    }
}
