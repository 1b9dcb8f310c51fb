package io.dbbackup.browser;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.chromium.ChromiumDriverLogLevel;

/**
 * The browser and the driver that are installed on this machine (Debian: {@code chromium} and {@code chromium-driver}).
 * Nothing is downloaded.
 *
 * @param browser the executable
 * @param driver the executable of chromedriver, of the same version
 */
record Chromium(Path browser, Path driver) {

    /** They warn that there is no CDP for this version of Chromium; nothing here uses it. */
    private static final List<Logger> CHATTY = List.of(
            Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder"),
            Logger.getLogger("org.openqa.selenium.chromium.ChromiumDriver"));

    /** The installed one. Without it the test is skipped, or fails where {@code CI=true} says that it has to run. */
    static Chromium installed() {
        Optional<Path> browser = inPath("chromium", "chromium-browser", "google-chrome");
        Optional<Path> driver = inPath("chromedriver");
        if (browser.isPresent() && driver.isPresent()) {
            return new Chromium(browser.get(), driver.get());
        }
        String reason = "Not in PATH:" + (browser.isPresent() ? "" : " chromium")
                + (driver.isPresent() ? "" : " chromedriver")
                + ". The console's tests need a real browser. Run `./dbbackup tools --tests`, or install"
                + " the packages chromium and chromium-driver.";
        return "true".equals(System.getenv("CI")) ? fail(reason) : abort(reason);
    }

    /** A new browser without a window, with a profile that chromedriver makes for it and deletes at the end. */
    ChromeDriver open() {
        CHATTY.forEach(logger -> logger.setLevel(Level.SEVERE));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.toFile())
                .usingAnyFreePort()
                // Not more: what the log says about the commands would include the login.
                .withLogLevel(ChromiumDriverLogLevel.WARNING)
                .withLogFile(new File("target/chromedriver.log"))
                .build();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser.toFile());
        options.addArguments(arguments());
        return new ChromeDriver(service, options);
    }

    private static List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of(
                "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1500,1000", "--lang=en-US", "--no-proxy-server",
                // The console reports to its makers and asks for updates. A test talks to nobody.
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"));
        if ("root".equals(System.getProperty("user.name"))) {
            arguments.add("--no-sandbox"); // Chromium's own sandbox does not work for root
        }
        return arguments;
    }

    private static Optional<Path> inPath(String... names) {
        for (String name : names) {
            for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
                Path candidate = Path.of(directory, name);
                if (!directory.isEmpty() && Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                    return Optional.of(candidate);
                }
            }
        }
        return Optional.empty();
    }
}
