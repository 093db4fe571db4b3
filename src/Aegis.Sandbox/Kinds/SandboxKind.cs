namespace Aegis.Sandbox;

/// <summary>What a command is surrounded by. In the order of their strength.</summary>
public enum SandboxKind
{
    /// <summary>Namespaces, rootless, over the host's own system folders.</summary>
    Namespace,

    /// <summary>An OCI image, run by runc in namespaces of its own.</summary>
    Container,

    /// <summary>A virtual machine with a kernel of its own.</summary>
    Microvm,
}

public static class SandboxKinds
{
    /// <summary>As profiles, records and errors call it.</summary>
    public static string Name(this SandboxKind kind) => kind switch
    {
        SandboxKind.Namespace => "namespace",
        SandboxKind.Container => "container",
        SandboxKind.Microvm => "microvm",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no kind of sandbox"),
    };

    public static SandboxKind? Parse(string name) =>
        Enum.GetValues<SandboxKind>().Cast<SandboxKind?>().FirstOrDefault(k => k!.Value.Name() == name);
}
