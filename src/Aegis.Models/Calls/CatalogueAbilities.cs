using Aegis.Core.Catalogue;
using Aegis.Core.Routing;

namespace Aegis.Models.Calls;

/// <summary>What a model can do, from the catalogue's words into the router's.</summary>
internal static class CatalogueAbilities
{
    private const ModelKinds AllKinds = ModelKinds.Chat | ModelKinds.Embedding | ModelKinds.Transcription;

    private const ModelModalities AllModalities = ModelModalities.Text | ModelModalities.Image
        | ModelModalities.Audio | ModelModalities.Video | ModelModalities.Document;

    /// <summary>What no page states is not assumed.</summary>
    public static ModelAbilities Of(ModelRoute route) => route.Facts is not { } facts ? Assumed(route)
        : new(facts.Kinds.Aggregate(ModelKinds.None, (all, kind) => all | Kind(kind)),
            facts.In.Aggregate(ModelModalities.Text, (all, medium) => all | Modality(medium)),
            facts.ContextTokensMax, facts.OutputTokensMax, facts.Tools == true, facts.JsonSchema == true,
            LocalityOf(route));

    /// <summary>Everything, of a model that was named.</summary>
    public static ModelAbilities Assumed(ModelRoute route) =>
        new(AllKinds, AllModalities, null, null, true, true, LocalityOf(route));

    private static ModelLocality LocalityOf(ModelRoute route) =>
        route.Locality == Locality.Local ? ModelLocality.Local : ModelLocality.Cloud;

    private static ModelKinds Kind(ModelKind kind) => kind switch
    {
        ModelKind.Chat => ModelKinds.Chat,
        ModelKind.Embedding => ModelKinds.Embedding,
        ModelKind.Transcription => ModelKinds.Transcription,
        _ => ModelKinds.None,
    };

    private static ModelModalities Modality(Medium medium) => medium switch
    {
        Medium.Image => ModelModalities.Image,
        Medium.Audio => ModelModalities.Audio,
        Medium.Video => ModelModalities.Video,
        Medium.File => ModelModalities.Document,
        _ => ModelModalities.Text,
    };
}
