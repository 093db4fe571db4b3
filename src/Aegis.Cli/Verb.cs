using System.CommandLine;

namespace Aegis.Cli;

/// <summary>A command with the examples that its <c>--help</c> shows. A command that does something has at
/// least one; a test parses each.</summary>
/// <param name="examples">Whole command lines, beginning with <c>aegis</c> or with what is piped into
/// it.</param>
internal sealed class Verb(string name, string description, params string[] examples)
    : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
