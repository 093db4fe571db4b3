namespace Aegis.Core.Vaccines;

/// <summary>A file as it will be.</summary>
/// <param name="Path">Relative to the workspace.</param>
/// <param name="Before">What it holds now, where that is known: a mistake that stands there already does not
/// stop a change beside it.</param>
public sealed record ProposedFile(string Path, string Text, string? Before = null);

/// <summary>Where a check found what it looks for.</summary>
/// <param name="Line">From 1, like <paramref name="Column"/>.</param>
/// <param name="Found">The text there, short.</param>
public readonly record struct CheckHit(int Line, int Column, string Found);

/// <summary>A vaccine forbids what was about to be done.</summary>
/// <param name="Path">Null for a command line.</param>
public sealed record VaccineStop(Vaccine Vaccine, string? Path, CheckHit Hit)
{
    public string Where => Path is null ? $"the command line, column {Hit.Column}"
        : $"{Path}:{Hit.Line}:{Hit.Column}";

    public string Found => Hit.Found;
}
