using Aegis.Core.Errors;
using Aegis.Core.Plans.Review;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Cli.Plans;

/// <summary>The files that say which models a run would call and what they cost.</summary>
internal sealed class ModelFiles(Terminal terminal)
{
    private const int BytesMax = 16 << 20;

    /// <summary>Null after every error of the files was told.</summary>
    public ModelSight? Read(string? profilePath, string? modelsPath)
    {
        var errors = new List<Diagnostic>();
        var catalogue = modelsPath is null ? ModelCatalogue.BuiltIn
            : Taken(CatalogueParser.Parse(Commands.Files.ReadText(modelsPath, BytesMax), modelsPath,
                ModelCatalogue.BuiltIn), errors);
        var profile = profilePath is null ? null
            : Taken(ProfileParser.Parse(Commands.Files.ReadText(profilePath, BytesMax), profilePath), errors);
        if (profile is not null && catalogue is not null)
        {
            errors.AddRange(ProfileCheck.Of(profile, catalogue));
        }
        RehearsalFile? rehearsal = null;
        if (profile?.Rehearsal is { } name)
        {
            var beside = Path.Combine(Path.GetDirectoryName(profilePath) ?? "", name);
            rehearsal = Taken(RehearsalFile.Parse(Commands.Files.ReadText(beside, BytesMax), beside), errors);
        }
        terminal.Places(errors);
        return errors.Count > 0 ? null : new ModelSight(profile, rehearsal, catalogue!);
    }

    private static T? Taken<T>(ParseResult<T> result, List<Diagnostic> errors)
        where T : class
    {
        errors.AddRange(result.Errors);
        return result.Value;
    }
}
