using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Gate.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aegis.Gate.Tests.Models;

public sealed class CatalogueFileTests
{
    [Fact]
    public async Task File_LiesOverWhatShips_IsReadAgain_AndAWrongOneChangesNothing()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("aegis-models-").FullName, "models.yaml");
        await File.WriteAllTextAsync(path, Yaml("tuned"));
        var file = new CatalogueFile(path, NullLogger.Instance);
        Assert.True(file.Current().Providers["groq"].Models.ContainsKey("tuned"));
        Assert.Equal(ModelCatalogue.BuiltIn.Providers.Count, file.Current().Providers.Count);
        await File.WriteAllTextAsync(path, Yaml("tuned-again"));
        Assert.True(file.Current().Providers["groq"].Models.ContainsKey("tuned-again"));
        Assert.False(file.Current().Providers["groq"].Models.ContainsKey("tuned"));
        await File.WriteAllTextAsync(path, Yaml("tuned").Replace("kinds", "sorts", StringComparison.Ordinal));
        Assert.True(file.Current().Providers["groq"].Models.ContainsKey("tuned-again"));
        var refused = Assert.Throws<AegisException>(() => new CatalogueFile(path, NullLogger.Instance));
        Assert.Equal("AEGIS2352", refused.Error.Code);
        Assert.Contains("models.yaml:4:", refused.Error.Message, StringComparison.Ordinal);
        Assert.Throws<AegisException>(() => new CatalogueFile(path + ".none", NullLogger.Instance));
        Assert.Same(ModelCatalogue.BuiltIn, new CatalogueFile(null, NullLogger.Instance).Current());
    }

    private static string Yaml(string model) => $$"""
        providers:
          groq:
            models:
              {{model}}: { kinds: [chat], source: "https://x", read: 2026-01-02 }
        """;
}
