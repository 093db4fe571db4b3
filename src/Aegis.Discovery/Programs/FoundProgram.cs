using System.Collections.Immutable;
using Aegis.Core.Discovery;

namespace Aegis.Discovery.Programs;

/// <summary>A program of the catalogue that is installed here.</summary>
/// <param name="Path">The file on PATH.</param>
/// <param name="Version">Null where it said none that is understood.</param>
/// <param name="Why">Why there is no version: it was not asked, or did not answer.</param>
public sealed record FoundProgram(KnownProgram Known, string Path, string? Version, string? Why);

/// <summary>What of a catalogue is installed.</summary>
/// <param name="Missing">Names of those that are not.</param>
/// <param name="LeftOut">Folders of PATH in which nothing was looked for.</param>
public sealed record ProgramsOfMachine(ImmutableArray<FoundProgram> Found, ImmutableArray<string> Missing,
    ImmutableArray<string> LeftOut, TimeSpan Took);
