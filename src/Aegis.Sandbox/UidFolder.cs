using System.Globalization;

namespace Aegis.Sandbox;

/// <summary>Where all servers of a user on a machine say which host uids are in use.</summary>
internal static class UidFolder
{
    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The same place for every server of the user, whatever its variables say: below the home that
    /// the machine knows, and for a user without one in /var/tmp.</summary>
    public static string OfUser() => Libc.HomeOfUser() is { } home && Directory.Exists(home)
        ? Path.Combine(home, ".local/state/aegis/uids")
        : $"/var/tmp/aegis-uids-{Libc.geteuid().ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Makes the folder where it is not there, for nobody but the user.</summary>
    /// <returns>Its path without links.</returns>
    public static string Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            // refused where it is another user's
            File.SetUnixFileMode(folder, OwnerOnly);
            using var opened = Libc.OpenFolder(folder);
            return new FileInfo($"/proc/self/fd/{opened.DangerousGetHandle()}").LinkTarget!;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Kinds.KindErrors.NoUidFolder(folder, e.Message);
        }
    }
}
