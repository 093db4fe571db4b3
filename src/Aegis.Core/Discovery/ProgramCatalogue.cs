using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Discovery;

/// <summary>The programs that discovery knows: <c>contracts/clis.yaml</c>.</summary>
public sealed record ProgramCatalogue(ImmutableSortedDictionary<string, KnownProgram> Programs)
{
    private static readonly Lazy<ProgramCatalogue> Shipped = new(() =>
        ProgramCatalogueParser.Parse(ShippedText.Of("clis.yaml"), "contracts/clis.yaml").Shipped());

    /// <summary>The list that this release ships.</summary>
    public static ProgramCatalogue BuiltIn => Shipped.Value;
}

/// <summary>The servers of models that discovery asks for on loopback:
/// <c>contracts/model-servers.yaml</c>.</summary>
public sealed record ModelServerCatalogue(ImmutableSortedDictionary<string, KnownModelServer> Servers)
{
    private static readonly Lazy<ModelServerCatalogue> Shipped = new(() =>
        ModelServerParser.Parse(ShippedText.Of("model-servers.yaml"), "contracts/model-servers.yaml")
            .Shipped());

    /// <summary>The list that this release ships.</summary>
    public static ModelServerCatalogue BuiltIn => Shipped.Value;
}

/// <summary>Contracts inside this assembly.</summary>
internal static class ShippedText
{
    public static string Of(string contract)
    {
        using var stream = typeof(ShippedText).Assembly.GetManifestResourceStream($"contracts.{contract}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static T Shipped<T>(this Profiles.ParseResult<T> read)
        where T : class =>
        read.Value ?? throw new InvariantViolationException(string.Join('\n', read.Errors));
}
