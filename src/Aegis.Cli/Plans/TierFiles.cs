using System.Collections.Immutable;
using Aegis.Core.Policy.Tiers;

namespace Aegis.Cli.Plans;

/// <summary>The tiers that a run would be held to.</summary>
internal sealed class TierFiles(Terminal terminal)
{
    /// <summary>Null after every error of the file was told.</summary>
    public ImmutableArray<TierGrant>? Read(IReadOnlyList<string> names, string? path)
    {
        var book = TierBook.BuiltIn;
        if (path is not null)
        {
            var read = TierBookParser.Parse(Commands.Files.ReadText(path, TierBookParser.CharsMax * 4), path);
            terminal.Places(read.Errors);
            if (read.Value is null)
            {
                return null;
            }
            book = read.Value;
        }
        return [.. names.Select(n => new TierGrant(Find(book, n), "the run"))];
    }

    private static Tier Find(TierBook book, string name) => book.Tiers.GetValueOrDefault(name)
        ?? throw new CliException(ExitCode.Usage, "AEGIS2511", $"there is no tier {name}",
            "one of " + string.Join(", ", book.Tiers.Keys));
}
