using System.Collections.Immutable;

namespace Aegis.Core.Findings.CodeRules;

/// <summary>One thing that must not stand in code, with pieces of code that show what it means; a test holds
/// each rule to its pieces.</summary>
/// <param name="Id">Such as <c>aegis-js-sql-injection</c>.</param>
/// <param name="Cwe">Its number in the Common Weakness Enumeration.</param>
/// <param name="Bad">Pieces that it must find.</param>
/// <param name="Good">Pieces that it must leave alone: mostly the mended ones.</param>
internal sealed record CodeRule(
    string Id,
    int Cwe,
    Grammar Language,
    FindingSeverity Severity,
    string Message,
    string Mend,
    ImmutableArray<CodeMatch> Matches,
    ImmutableArray<string> Bad,
    ImmutableArray<string> Good);

/// <summary>Where a rule looks.</summary>
internal abstract record CodeMatch;

/// <summary>A call, by the last word of what is called.</summary>
/// <param name="Need">What must be known of the argument.</param>
internal sealed record Call(Facts Need, params string[] Names) : CodeMatch
{
    public const int AnyArgument = -1;

    /// <summary>Which argument, from 0.</summary>
    public int Argument { get; init; }

    /// <summary>The word before the dot: "" for none, <c>new</c> for a constructor. Null for any.</summary>
    public string[]? Receivers { get; init; }

    /// <summary>An option that must stand among the arguments, as name and value.</summary>
    public (string Name, string Value)? With { get; init; }

    /// <summary>A second such option.</summary>
    public (string Name, string Value)? And { get; init; }

    /// <summary>Words that make it harmless where one stands among the arguments.</summary>
    public string[] Lacks { get; init; } = [];

    /// <summary>What the first argument says, in whole.</summary>
    public string[]? Says { get; init; }

    /// <summary>Parts of names of which one must stand in the statement.</summary>
    public string[]? Mentions { get; init; }

    /// <summary>A word that makes it harmless where one stands shortly before the call.</summary>
    public string? Unguarded { get; init; }

    /// <summary>An address that begins with a host of the program's own is harmless.</summary>
    public bool SparesWrittenHost { get; init; }
}

/// <summary>A member, variable or key that is set: <c>x.name = v</c>, <c>name: v</c>.</summary>
internal sealed record Assigned(Facts Need, params string[] Names) : CodeMatch
{
    /// <summary>Only as the key of an object.</summary>
    public bool IsKey { get; init; }

    /// <summary>A word that must stand somewhere in the file.</summary>
    public string? Beside { get; init; }
}

/// <summary>An option with one certain value: <c>name: value</c>, <c>name=value</c>.</summary>
internal sealed record Option(string Name, params string[] Values) : CodeMatch;

/// <summary>A function that a name is set to and that says yes to everything.</summary>
internal sealed record AlwaysTrue(params string[] Names) : CodeMatch;

/// <summary>What a function gives back.</summary>
internal sealed record Returned(Facts Need) : CodeMatch;

/// <summary>A word that nobody should write.</summary>
internal sealed record Mention(params string[] Words) : CodeMatch
{
    /// <summary>What is compared is not used.</summary>
    public bool SparesComparisons { get; init; }
}

/// <summary>A name that speaks of a credential, set to a text.</summary>
internal sealed record Credential : CodeMatch;

/// <summary>A text with a password in an address or a connection string.</summary>
internal sealed record PasswordInText : CodeMatch;
