namespace Aegis.Sandbox;

internal static class RequiredPrograms
{
    private static readonly (string Program, string Package)[] All =
    [
        ("bwrap", "bubblewrap"), ("unshare", "util-linux"), ("nsenter", "util-linux"), ("setpriv",
            "util-linux"),
        ("perl", "perl-base"), ("mount", "mount"), ("find", "findutils"), ("tar", "tar"),
    ];

    public static void Check()
    {
        var folders = UserNamespace.CleanEnvironment["PATH"].Split(':');
        foreach (var (program, package) in All)
        {
            if (!folders.Any(f => File.Exists(Path.Combine(f, program))))
            {
                throw SandboxErrors.MissingProgram(program, package);
            }
        }
    }
}
