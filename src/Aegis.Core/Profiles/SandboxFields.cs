using System.Collections.Immutable;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>What surrounds the commands of a profile's runs: nothing less will do.</summary>
/// <param name="Kind">namespace, container or microvm.</param>
/// <param name="Image">The image whose system commands see; a container needs one.</param>
/// <param name="Walls">Walls that must be there, beside those that always are.</param>
public sealed record SandboxProfile(string Kind, string? Image, ImmutableArray<string> Walls)
{
    public static SandboxProfile Default { get; } = new("namespace", null, []);
}

/// <summary>Reads <c>sandbox</c> of a profile.</summary>
internal static class SandboxFields
{
    private static readonly string[] Kinds = ["namespace", "container", "microvm"];

    /// <summary>As docs/sandbox.md names them.</summary>
    private static readonly string[] Walls =
    [
        "uid", "files", "processes", "syscalls", "network", "memory", "pids", "cpu", "io", "disk",
        "workspace", "apparmor",
    ];

    public static SandboxProfile Read(YamlFields profile, List<Diagnostic> errors)
    {
        if (profile.Value("sandbox") is not { } value
            || YamlFields.Of(value, "sandbox", errors, "kind", "image", "walls") is not { } fields)
        {
            return SandboxProfile.Default;
        }
        var kind = fields.Text("kind", 16) ?? "namespace";
        if (!Kinds.Contains(kind))
        {
            YamlFields.Wrong(errors, fields.Value("kind")!, "sandbox.kind", string.Join(", ", Kinds));
        }
        var image = fields.Text("image", IdRule.LengthMax);
        if (image is not null && !IdRule.IsValid(image))
        {
            YamlFields.Wrong(errors, fields.Value("image")!, "sandbox.image", "the name of an added image");
        }
        if (image is null && kind == "container")
        {
            errors.Add(new(value.At, new("AEGIS2315", "sandbox lacks image",
                "the name of an added image, which a container is made from", Mend: "add image: NAME")));
        }
        if (image is not null && kind == "namespace")
        {
            YamlFields.Wrong(errors, fields.Value("image")!, "sandbox.image",
                "nothing: the kind namespace shows the host's system");
        }
        return new SandboxProfile(kind, image, WallNames(fields, errors));
    }

    private static ImmutableArray<string> WallNames(YamlFields fields, List<Diagnostic> errors)
    {
        var walls = ImmutableArray.CreateBuilder<string>();
        foreach (var item in fields.Items("walls"))
        {
            if (item is YamlScalar wall && Walls.Contains(wall.Text))
            {
                walls.Add(wall.Text);
            }
            else
            {
                YamlFields.Wrong(errors, item, "sandbox.walls", string.Join(", ", Walls));
            }
        }
        return walls.ToImmutable();
    }
}
