package io.dbbackup.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.FluentWait;

/**
 * The pages of HAL that an operator of dbbackup needs. The ids and addresses are those of HAL 3.7; its finder is opened
 * by address, everything else is clicked. Not thread-safe.
 */
final class HalConsole implements AutoCloseable {

    private static final String BATCH =
            "#runtime;path=standalone-server-column~standalone-host-localhost!rss~batch-jberet";
    private static final String JOB = "job-dbbackupear-batch-jobsjar-";
    private static final By DIALOG_START = By.xpath("//div[contains(@class,'modal-footer')]//button[.='Start']");
    private static final By DIALOG_PROPERTIES = By.cssSelector(".modal.in input[id$='properties-editing']");

    /** In the header; the list has another one, but not as long as it is empty. */
    private static final By REFRESH = By.cssSelector(".breadcrumb-tools a[title='Refresh']");
    private static final Pattern STARTED = Pattern.compile("successfully started with execution ID (\\d+)");

    /** One script, because the page replaces its rows whenever it asks the server again. */
    private static final String ROWS = """
            return [...document.querySelectorAll('.list-pf-item[id^=execution-]')].map(row => ({
                id: row.id.replace('execution-', ''),
                instance: /Instance ID: (\\d+)/.exec(row.innerText)[1],
                status: /Batch Status: (\\w+)/.exec(row.innerText)[1],
                actions: [...row.querySelectorAll('button')].map(button => button.innerText).join('|')}))""";

    private final ChromeDriver browser;
    private final URI management;
    private final String story;
    private int shots;

    private HalConsole(ChromeDriver browser, URI management, String story) {
        this.browser = browser;
        this.management = management;
        this.story = story;
    }

    /** @param story first part of the screenshots' names */
    static HalConsole login(Chromium chromium, URI management, String user, String password, String story) {
        HalConsole console = new HalConsole(chromium.open(), management, story);
        try {
            console.authenticate(user, password);
            console.browser.get(management + "/console/index.html");
            console.await("the console greets " + user, () -> console.visible(By.id("tlc-runtime"))
                    && console.text(By.id("header-username")).contains(user));
            console.screenshot("logged-in");
            return console;
        } catch (RuntimeException | Error e) {
            console.close();
            throw e;
        }
    }

    /** The console's page is public; it is the management interface behind it that asks, and the browser remembers. */
    private void authenticate(String user, String password) {
        try {
            browser.get("http://" + user + ":" + URLEncoder.encode(password, UTF_8) + "@" + management.getAuthority()
                    + "/management");
        } catch (WebDriverException e) {
            // Neither message nor cause: they quote the address.
            throw new AssertionError("the browser cannot log in: " + e.getClass().getSimpleName());
        }
    }

    /** Runtime → server → Batch → job. */
    void select(String job) {
        browser.get(management + "/console/index.html" + BATCH + "!job~" + JOB + job);
        until("the job " + job + " is selected", () -> visible(item(job, "View")),
                () -> browser.findElement(By.id(JOB + job)).click());
    }

    /** Is "Start" in the menu of the selected job? */
    boolean offersStart(String job) {
        return !browser.findElements(item(job, "Start")).isEmpty();
    }

    /**
     * Starts the selected job as an operator does, in the dialog.
     *
     * @param parameters each is {@code key=value}
     * @return the id of the execution that the console names
     */
    long start(String job, String... parameters) {
        By menu = By.cssSelector("#" + JOB + job + " button.dropdown-toggle");
        until("the dialog is open", () -> visible(DIALOG_PROPERTIES),
                () -> browser.findElement(visible(item(job, "Start")) ? item(job, "Start") : menu).click());
        for (String parameter : parameters) {
            browser.findElement(DIALOG_PROPERTIES).sendKeys(parameter, Keys.ENTER);
            await("the parameter is taken", () -> text(By.cssSelector(".modal.in")).contains(parameter));
        }
        screenshot("parameters");
        click(DIALOG_START);
        AtomicLong execution = new AtomicLong();
        await("the start is confirmed", () -> {
            Matcher message = STARTED.matcher(text(By.cssSelector(".alert")));
            if (message.find()) {
                execution.set(Long.parseLong(message.group(1)));
            }
            return execution.get() != 0;
        });
        screenshot("started");
        return execution.get();
    }

    /** From the selected job to the list of its executions. */
    void view(String job) {
        until("the executions are listed", () -> visible(REFRESH),
                () -> browser.findElement(item(job, "View")).click());
    }

    List<Execution> executions() {
        return ((List<?>) browser.executeScript(ROWS)).stream().map(row -> Execution.of((Map<?, ?>) row)).toList();
    }

    /** Waits for an execution. The console follows running ones by itself; the rest is up to its Refresh. */
    Execution await(String what, Predicate<Execution> wanted) {
        AtomicReference<Execution> found = new AtomicReference<>();
        AtomicLong refreshed = new AtomicLong(System.nanoTime());
        until(what, () -> {
            executions().stream().filter(wanted).findFirst().ifPresent(found::set);
            return found.get() != null;
        }, () -> {
            if (System.nanoTime() - refreshed.get() > Duration.ofSeconds(5).toNanos()) {
                refreshed.set(System.nanoTime());
                browser.findElement(REFRESH).click();
            }
        });
        return found.get();
    }

    void restart(Execution execution) {
        click(By.id("execution-" + execution.id() + "-job-execution-restart"));
    }

    /** Keeps what the browser shows as {@code target/screenshots/<story>-<number>-<name>.png}. */
    void screenshot(String name) {
        try {
            Path directory = Files.createDirectories(Path.of("target/screenshots"));
            String file = "%s-%02d-%s.png".formatted(story, ++shots, name);
            Files.write(directory.resolve(file), browser.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static By item(String job, String action) {
        return By.xpath("//li[@id='" + JOB + job + "']//a[.='" + action + "']");
    }

    private void click(By element) {
        await("a click on " + element, () -> {
            browser.findElement(element).click();
            return true;
        });
    }

    private boolean visible(By element) {
        return browser.findElements(element).stream().anyMatch(WebElement::isDisplayed);
    }

    private String text(By elements) {
        return String.join("\n", browser.findElements(elements).stream().map(WebElement::getText).toList());
    }

    /** The finder draws its rows anew whenever it likes, and swallows a click then: look, click, look again. */
    private void until(String what, Supplier<Boolean> done, Runnable step) {
        await(what, () -> {
            if (done.get()) {
                return true;
            }
            step.run();
            return false;
        });
    }

    /** What is missing, stale or covered now may be there in a moment: on a busy machine a page takes a minute. */
    private void await(String what, Supplier<Boolean> condition) {
        try {
            new FluentWait<>(browser).withTimeout(Duration.ofMinutes(4)).pollingEvery(Duration.ofMillis(300))
                    .ignoring(WebDriverException.class).until(ignored -> condition.get());
        } catch (TimeoutException e) {
            screenshot("failure");
            throw new AssertionError("The console did not get so far: " + what + ". It shows (see also the screenshot):"
                    + "\n" + text(By.tagName("body")), e);
        }
    }

    @Override
    public void close() {
        browser.quit();
    }
}
