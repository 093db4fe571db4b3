namespace Aegis.Core.Routing;

/// <summary>What a model makes.</summary>
[Flags]
public enum ModelKinds
{
    None = 0,
    Chat = 1,
    Embedding = 2,
    Transcription = 4,
}

/// <summary>What a model takes in.</summary>
[Flags]
public enum ModelModalities
{
    None = 0,
    Text = 1,
    Image = 2,
    Audio = 4,
    Video = 8,
    Document = 16,
}

/// <summary>Where a model runs.</summary>
public enum ModelLocality
{
    Cloud,
    Local,
}

/// <summary>What a model can do, as its catalogue entry says.</summary>
/// <param name="ContextTokens">Of prompt and answer together; null where nobody states it.</param>
/// <param name="OutputTokensMax">The longest answer; null where nobody states it.</param>
public sealed record ModelAbilities(
    ModelKinds Kinds,
    ModelModalities Modalities,
    long? ContextTokens = null,
    long? OutputTokensMax = null,
    bool Tools = false,
    bool JsonSchema = false,
    ModelLocality Locality = ModelLocality.Cloud)
{
    /// <summary>Whether this model takes every call that the other takes. What is not stated of this one is
    /// not assumed; a local model is replaced by local ones only.</summary>
    public bool Covers(ModelAbilities other) =>
        (Kinds & other.Kinds) == other.Kinds
        && (Modalities & other.Modalities) == other.Modalities
        && (Tools || !other.Tools)
        && (JsonSchema || !other.JsonSchema)
        && (Locality == ModelLocality.Local || other.Locality == ModelLocality.Cloud)
        && AtLeast(ContextTokens, other.ContextTokens)
        && AtLeast(OutputTokensMax, other.OutputTokensMax);

    private static bool AtLeast(long? own, long? others) => others is null || own >= others;
}

/// <summary>What a call needs of its model.</summary>
/// <param name="LocalOnly"><c>locality: local</c> of an alias or role: no model of a cloud passes.</param>
public sealed record ModelNeeds(
    ModelKinds Kind = ModelKinds.Chat,
    ModelModalities Modalities = ModelModalities.Text,
    bool Tools = false,
    bool JsonSchema = false,
    bool LocalOnly = false);
