using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Policy.Shell;

/// <summary>What reading a line has found so far; shared by the line and the substitutions in it.</summary>
internal sealed class ShellFindings
{
    private readonly ImmutableArray<SimpleCommand>.Builder commands =
        ImmutableArray.CreateBuilder<SimpleCommand>();
    private readonly ImmutableArray<ShellHazard>.Builder hazards =
        ImmutableArray.CreateBuilder<ShellHazard>();
    private int words;
    private int nesting;

    public AegisError? Error { get; private set; }

    public ShellNames Names { get; } = new();

    public int CommandCount => commands.Count;

    public void Fail(string code, string message, int at, string? expected = null, string? got = null,
        string? mend = null) =>
        Error ??= new AegisError(code, $"{message} (column {at + 1})", expected, got, mend)
        {
            Place = new ErrorPlace("", at),
        };

    public void Add(SimpleCommand command, int at)
    {
        if (commands.Count == CommandLine.CommandsMax)
        {
            Fail("AEGIS1132", "the line has too many commands", at, $"at most {CommandLine.CommandsMax}");
            return;
        }
        commands.Add(command);
    }

    public void Add(ShellHazard hazard) => hazards.Add(hazard);

    public void CountWord(int at)
    {
        if (++words > CommandLine.WordsMax)
        {
            Fail("AEGIS1132", "the line has too many words", at, $"at most {CommandLine.WordsMax}");
        }
    }

    /// <summary>False where the line nests too deeply; otherwise <see cref="Leave"/> must follow.</summary>
    public bool Enter(int at)
    {
        if (nesting == CommandLine.NestingMax)
        {
            Fail("AEGIS1132", "the line nests too deeply", at, $"at most {CommandLine.NestingMax} levels");
            return false;
        }
        nesting++;
        return true;
    }

    public void Leave() => nesting--;

    public CommandLineResult Result()
    {
        if (Error is not null)
        {
            return new CommandLineResult([], [], Error);
        }
        foreach (var (name, at) in Names.Doubtful())
        {
            Add(ShellHazards.Arithmetic(name, at));
        }
        return new CommandLineResult(commands.ToImmutable(), hazards.ToImmutable(), null);
    }
}
