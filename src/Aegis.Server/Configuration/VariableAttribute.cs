namespace Aegis.Server.Configuration;

/// <summary>The environment variable that fills an option. docs/configuration.md is compared with
/// these.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VariableAttribute(string name, string defaultText, string meaning) : Attribute
{
    public string Name { get; } = name;

    /// <summary>The default as the docs show it.</summary>
    public string DefaultText { get; } = defaultText;

    public string Meaning { get; } = meaning;

    /// <summary>Another name that is read where the first is not set; null for none.</summary>
    public string? Alias { get; init; }
}
