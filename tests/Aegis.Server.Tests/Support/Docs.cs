using System.Reflection;

namespace Aegis.Server.Tests.Support;

/// <summary>Pages of docs/ as they stand in the repository.</summary>
internal static class Docs
{
    public static string Text(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
