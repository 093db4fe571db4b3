using Aegis.Core.Catalogue;
using Aegis.Gate.Policies;
using Microsoft.Extensions.Logging;

namespace Aegis.Gate.Models;

/// <summary>The installation's own catalogue of models over the one that ships, read again when it has
/// changed.</summary>
public sealed class CatalogueFile
{
    private readonly WatchedFile<ModelCatalogue> file;

    /// <summary>Reads it; AEGIS2352 with every error where it cannot be read.</summary>
    /// <param name="path">Null for the catalogue that this release ships.</param>
    public CatalogueFile(string? path, ILogger log) => file = new WatchedFile<ModelCatalogue>(path,
        ModelCatalogue.BuiltIn, CatalogueParser.CharsMax * 4L,
        (text, name) => CatalogueParser.Parse(text, name, ModelCatalogue.BuiltIn),
        errors => new("AEGIS2352", errors, "providers of models, as in docs/models.md", null,
            "mend the file that AEGIS_MODELS names"),
        errors => GateLog.CatalogueKept(log, errors));

    public ModelCatalogue Current() => file.Current();
}
